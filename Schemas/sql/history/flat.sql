-- Its columns are the view's: the catalog knows them.
DO $do$
DECLARE
    columns text := (SELECT string_agg(format('%I %s', a.attname, format_type(a.atttypid, a.atttypmod)), ', ' ORDER BY a.attnum)
                       FROM pg_attribute a WHERE a.attrelid = 'twin.{quoted}'::regclass AND a.attnum > 0 AND NOT a.attisdropped);
BEGIN
    DROP FUNCTION IF EXISTS twin.{view}_history(text);
    EXECUTE format($make$
CREATE FUNCTION twin.{view}_history(wanted text DEFAULT NULL) RETURNS TABLE (valid tstzrange, recorded tstzrange, %s)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY SELECT h.valid, h.recorded, (h.state).*
      FROM (SELECT w.id FROM unnest(ARRAY[wanted]) w (id) WHERE wanted IS NOT NULL
            UNION SELECT c.id::text FROM {generation}.{kind}_claim c WHERE wanted IS NULL) w
     CROSS JOIN LATERAL {twin}.{view}_versions(w.id) h;
END $$
$make$, columns);
END $do$;
COMMENT ON FUNCTION twin.{view}_history(text) IS 'Every version of one {view}, or of all: when it was so in the world (valid), and from when till when that was what was known (recorded) (双时态历史)'
