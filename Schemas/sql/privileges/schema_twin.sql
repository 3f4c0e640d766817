-- The twin's views, present and future: what the owner or a projector makes here, analysts can read. So a rebuild needs to
-- grant nothing. The tables behind the views lie in schemas of their own, which nobody else may enter.
CREATE SCHEMA IF NOT EXISTS twin;
COMMENT ON SCHEMA twin IS 'The digital twin: views that a rebuild switches, for everyone to build on (数字孪生)';
ALTER SCHEMA twin OWNER TO "{hub}_projector";
GRANT USAGE ON SCHEMA twin TO "{hub}_analyst";
GRANT SELECT ON ALL TABLES IN SCHEMA twin TO "{hub}_analyst";
-- Some views have a row a person.
DO $$
DECLARE
    personal text;
BEGIN
    FOREACH personal IN ARRAY '{twin.resident,twin.person_claim,twin.person_pair,twin.dwelling_resident}'::text[] LOOP
        IF to_regclass(personal) IS NOT NULL THEN
            EXECUTE format('REVOKE ALL ON %s FROM "{hub}_analyst"', personal);
        END IF;
    END LOOP;
END $$;
ALTER DEFAULT PRIVILEGES IN SCHEMA twin GRANT SELECT ON TABLES TO "{hub}_analyst";
ALTER DEFAULT PRIVILEGES FOR ROLE "{hub}_projector" IN SCHEMA twin GRANT SELECT ON TABLES TO "{hub}_analyst";
