-- Called in the transaction that switches the views: subscribers get changes of what is read, not what a rebuild fills.
CREATE OR REPLACE FUNCTION hub.publish_generation(generation text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    chosen record;
    tables text := 'hub.twin_change';
BEGIN
    FOR chosen IN
        SELECT c.oid, format('%I.%I', n.nspname, c.relname) AS name, EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary) AS has_key
          FROM hub.published_table p JOIN pg_class c ON c.relname = p.name AND c.relkind IN ('r', 'p') JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname = generation ORDER BY 2
    LOOP
        -- Without an identity the server would refuse every UPDATE and DELETE of the table.
        IF NOT chosen.has_key THEN
            EXECUTE format('ALTER TABLE %s REPLICA IDENTITY FULL', chosen.name);
        END IF;
        tables := tables || ', ' || chosen.name;
    END LOOP;
    IF tables <> 'hub.twin_change' OR (SELECT count(*) > 1 FROM pg_publication_tables t WHERE t.pubname = 'twinhub_twin') THEN
        EXECUTE 'ALTER PUBLICATION twinhub_twin SET TABLE ' || tables;
    END IF;
END $$;
COMMENT ON FUNCTION hub.publish_generation(text) IS 'Publishes the chosen tables of a generation of the twin, and no other''s (发布该代)';
