CREATE OR REPLACE FUNCTION hub.set_survivorship(
    kind text, attribute text, rule text, sources text[] DEFAULT '{}', tolerance double precision DEFAULT -1,
    valid_from timestamptz DEFAULT now(), valid_to timestamptz DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_variable
DECLARE
    held hub.survivorship_rule;
BEGIN
    SELECT r.* INTO held FROM hub.survivorship_rule r
     WHERE r.kind = set_survivorship.kind AND r.attribute = set_survivorship.attribute ORDER BY r.valid_from DESC, r.set_at DESC LIMIT 1;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no attribute % of % is put together by rules', attribute, kind
              USING HINT = 'SELECT kind, attribute FROM hub.survivorship_now lists those that are.';
    END IF;
    INSERT INTO hub.survivorship_rule (kind, attribute, rule, sources, tolerance, valid_from, valid_to)
    VALUES (kind, attribute, rule, sources, CASE WHEN tolerance = -1 THEN held.tolerance ELSE tolerance END, valid_from, valid_to);
    PERFORM hub.tell_rebuild('survivorship', (SELECT c.position FROM hub.checkpoint c WHERE c.projector = 'twin'));
END $$;
COMMENT ON FUNCTION hub.set_survivorship(text, text, text, text[], double precision, timestamptz, timestamptz) IS 'Sets the rule of survivorship of an attribute; a tolerance of -1 stays as it is (设定取值规则)';
