-- 0x7468 ("th") in the upper 16 bits, the position below: the advisory keys of other programs do not meet ours.
CREATE OR REPLACE FUNCTION hub.position_key(drawn bigint) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (29800::bigint << 48) | (drawn & 281474976710655)
$$;
COMMENT ON FUNCTION hub.position_key(bigint) IS 'The advisory lock key that announces a position (位置锁键)';
