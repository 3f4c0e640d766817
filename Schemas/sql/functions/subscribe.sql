-- Safe to repeat at every start of a service: a consumer that is there keeps its progress, and takes over the filter.
CREATE OR REPLACE FUNCTION hub.subscribe(consumer text, filter jsonb DEFAULT '{}', after bigint DEFAULT 0, stream text DEFAULT 'log') RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    problem text;
BEGIN
    SELECT format('%s is no key of a filter', key) INTO problem
      FROM jsonb_object_keys(filter) key WHERE key NOT IN ('types', 'subjects', 'sources', 'departments');
    IF problem IS NULL THEN
        SELECT format('%s must be a list of texts', key) INTO problem FROM jsonb_each(filter)
         WHERE jsonb_typeof(value) <> 'array' OR EXISTS (SELECT FROM jsonb_array_elements(value) item WHERE jsonb_typeof(item) <> 'string');
    END IF;
    IF problem IS NULL AND subscribe.stream = 'twin' AND filter ?| '{sources,departments}' THEN
        problem := 'changes of the twin have no source and no department: filter by types and subjects';
    END IF;
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION '%', problem USING ERRCODE = 'invalid_parameter_value',
            HINT = 'Such as {"types": ["case.*"], "subjects": ["building/"], "sources": ["hotline-12345"], "departments": ["police"]}';
    END IF;
    INSERT INTO hub.consumer AS c (name, filter, stream) VALUES (subscribe.consumer, subscribe.filter, subscribe.stream)
    ON CONFLICT (name) DO NOTHING;
    IF FOUND THEN
        INSERT INTO hub.consumer_share (consumer, buckets, position, delivered, examined)
        VALUES (subscribe.consumer, ~ 0::bit(64), after, after, after);
    ELSE
        PERFORM hub.own_consumer(consumer);
        IF (SELECT c.stream FROM hub.consumer c WHERE c.name = subscribe.consumer) <> subscribe.stream THEN
            RAISE EXCEPTION 'the consumer % reads another stream; choose another name', consumer USING ERRCODE = 'invalid_parameter_value';
        END IF;
        UPDATE hub.consumer c SET filter = subscribe.filter WHERE c.name = subscribe.consumer AND c.filter <> subscribe.filter;
    END IF;
    RETURN (SELECT min(s.position) FROM hub.consumer_share s WHERE s.consumer = subscribe.consumer);
END $$;
COMMENT ON FUNCTION hub.subscribe(text, jsonb, bigint, text) IS 'Makes a consumer, or changes its filter; returns the position after which it reads on (订阅)';
