-- A row a person: for stewards alone.
DO $do$
BEGIN
    REVOKE ALL ON FUNCTION twin.{view}_at(timestamptz, timestamptz, text), twin.{view}_history(text) FROM PUBLIC;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = current_database() || '_steward') THEN
        EXECUTE format('GRANT EXECUTE ON FUNCTION twin.{view}_at(timestamptz, timestamptz, text), twin.{view}_history(text) TO %I', current_database() || '_steward');
    END IF;
END $do$
