-- A public id of an older epoch stands for the same fact only up to where the next epoch began.
CREATE OR REPLACE FUNCTION hub.position_of(id text) RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    is_change boolean := split_part(id, '-', 2) ^@ 't';
    wanted    bigint := ltrim(split_part(id, '-', 2), 't')::bigint;
    began     timestamptz;
    common    bigint;
BEGIN
    SELECT e.began_at INTO began FROM hub.epoch e WHERE e.epoch = split_part(id, '-', 1);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the id % is not of this log', id USING ERRCODE = 'invalid_parameter_value',
            HINT = 'Its first part is the epoch of another hub, or of a state of this one that a restore has undone.';
    END IF;
    SELECT min(CASE WHEN is_change THEN e.changes_began_after ELSE e.began_after END) INTO common FROM hub.epoch e WHERE e.began_at > began;
    IF wanted > common THEN
        PERFORM hub.refuse_rewound(id, wanted, common);
    END IF;
    RETURN wanted;
END $$;
COMMENT ON FUNCTION hub.position_of(text) IS 'The position of a fact, or of a change of the twin, by its public id, or log_rewound (标识的位置)';
