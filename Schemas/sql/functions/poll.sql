-- The next facts after the last acknowledged one: asked again without an acknowledgement, the same again, so that a process that
-- died is given what it had not finished. Only settled positions. Empty means: caught up, or (after five seconds of reading
-- facts that nobody wants) ask again.
CREATE OR REPLACE FUNCTION hub.poll(consumer text, "limit" integer DEFAULT 1000, member text DEFAULT 'main', lease interval DEFAULT '30 s')
RETURNS TABLE ("position" bigint, id text, type text, version integer, source text, source_uri text, department text,
               subject text, occurred_at timestamptz, recorded_at timestamptz, caused_by bigint, payload json)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    me        hub.consumer := hub.own_consumer(consumer);
    share     hub.consumer_share;
    horizon   bigint;
    upper     bigint;
    delivered bigint;
    until     timestamptz := clock_timestamp() + interval '5 s';
    kinds     integer[];
    origins   integer[];
    prefixes  text[];
    patterns  text[] := CASE WHEN me.filter ? 'types' THEN hub.like_patterns(me.filter -> 'types') END;
    everyone  bit(64) := ~ 0::bit(64);
BEGIN
    IF "limit" NOT BETWEEN 1 AND 100000 OR lease NOT BETWEEN interval '1 s' AND interval '1 day' OR member = '' THEN
        RAISE EXCEPTION 'a poll takes 1 to 100000 facts, a lease of 1 s to 1 day and a member''s name' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM hub.keep_membership(me.name, poll.member, poll.lease);
    SELECT * INTO share FROM hub.consumer_share s WHERE s.consumer = me.name AND s.member = poll.member
     ORDER BY s.delivered > s.position DESC, s.position LIMIT 1 FOR UPDATE;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    horizon := hub.stream_end(me.stream);
    IF share.position > horizon THEN
        -- A writer that announced itself late may take the log's horizon back a little; a stream that ends before it was rewound.
        IF me.stream = 'twin' OR NOT EXISTS (SELECT FROM hub.event e WHERE e.position >= share.position) THEN
            PERFORM hub.refuse_rewound(me.name, share.position, horizon);
        END IF;
        RETURN;
    END IF;
    IF me.stream = 'twin' AND share.position > 0 THEN
        PERFORM hub.refuse_expired(me.name, share.position, k.first) FROM (SELECT min(c.position) AS first FROM hub.twin_change c) k
          WHERE share.position < k.first - 1;
    END IF;
    -- Buckets that stand behind the member's others catch up first.
    SELECT least(horizon, min(s.position)) INTO horizon FROM hub.consumer_share s
     WHERE s.consumer = me.name AND s.member = poll.member AND s.position > share.position;
    IF horizon = share.position THEN
        RETURN;
    END IF;
    SELECT f.kinds, f.origins, f.prefixes INTO kinds, origins, prefixes FROM hub.resolve_filter(me.filter) f;
    LOOP
        upper := least(horizon, share.position + 200000);
        RETURN QUERY
        WITH batch AS MATERIALIZED (
            SELECT b.position, l.epoch || '-' || b.position AS id, t.name AS type, t.version, o.name AS source, o.uri, o.department, b.subject,
                   b.occurred_at, b.recorded_at, b.caused_by, b.payload
              FROM (SELECT e.* FROM hub.event e
                     WHERE me.stream = 'log' AND e.position > share.position AND e.position <= upper
                       AND (kinds IS NULL OR e.type_id = ANY (kinds)) AND (origins IS NULL OR e.source_id = ANY (origins))
                       AND (prefixes IS NULL OR e.subject ^@ ANY (prefixes))
                       AND (share.buckets = everyone OR get_bit(share.buckets, hub.bucket(e.source_id, e.subject)) = 1)
                     ORDER BY e.position LIMIT poll."limit") b
              JOIN hub.event_type t ON t.id = b.type_id JOIN hub.source o ON o.id = b.source_id CROSS JOIN hub.log l
             UNION ALL
            SELECT b.position, l.epoch || '-t' || b.position, b.type, 1, 'twin', 'urn:twinhub:twin', NULL, b.subject, NULL, b.recorded_at, b.caused_by, b.payload
              FROM (SELECT c.* FROM hub.twin_change c
                     WHERE me.stream = 'twin' AND c.position > share.position AND c.position <= upper
                       AND (c.type = 'twin.rebuilt'
                            OR ((patterns IS NULL OR c.type LIKE ANY (patterns)) AND (prefixes IS NULL OR c.subject ^@ ANY (prefixes))))
                       AND (share.buckets = everyone OR get_bit(share.buckets, hub.bucket(0, c.subject)) = 1)
                     ORDER BY c.position LIMIT poll."limit") b
             CROSS JOIN hub.log l
        ), told AS (SELECT count(*) AS facts, max(b.position) AS last FROM batch b
        ), noted AS (
            UPDATE hub.consumer_share s
               SET position = CASE WHEN told.facts = 0 THEN upper ELSE s.position END,
                   delivered = CASE WHEN told.facts = 0 THEN upper ELSE told.last END,
                   examined = CASE WHEN told.facts < poll."limit" THEN upper ELSE told.last END,
                   delivered_at = CASE WHEN told.facts > 0 THEN clock_timestamp() END
              FROM told
             WHERE s.consumer = share.consumer AND s.id = share.id
        )
        SELECT b.* FROM batch b ORDER BY b.position;
        EXIT WHEN FOUND OR upper >= horizon OR clock_timestamp() > until;
        share.position := upper;
    END LOOP;
END $$;
COMMENT ON FUNCTION hub.poll(text, integer, text, interval) IS 'The next facts that a consumer has not acknowledged, in order (拉取)';
