CREATE OR REPLACE FUNCTION hub.fair_share(members bigint, before bigint) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (64 / members + CASE WHEN before < 64 % members THEN 1 ELSE 0 END)::integer
$$;
COMMENT ON FUNCTION hub.fair_share(bigint, bigint) IS 'How many of 64 buckets a member should read, given how many members there are and how many come before it by name (应得分桶数)';
