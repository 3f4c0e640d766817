-- Run by whoever makes the view, whose grants they are. A hub without roles has nobody to be kept from it.
CREATE OR REPLACE FUNCTION hub.show_to_stewards(personal regclass) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = current_database() || '_steward') THEN
        EXECUTE format('REVOKE ALL ON %1$s FROM %2$I; GRANT SELECT ON %1$s TO %3$I', personal, current_database() || '_analyst', current_database() || '_steward');
    END IF;
END $$;
COMMENT ON FUNCTION hub.show_to_stewards(regclass) IS 'Lets stewards, and no analyst, read a view that has a row a person (仅限数据管理员)';
