CREATE OR REPLACE FUNCTION hub.resolve_filter(filter jsonb, OUT kinds integer[], OUT origins integer[], OUT prefixes text[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE WHEN filter ? 'types' THEN
               (SELECT coalesce(array_agg(t.id), '{}') FROM hub.event_type t WHERE t.name LIKE ANY (hub.like_patterns(filter -> 'types'))) END,
           CASE WHEN filter ?| '{sources,departments}' THEN
               (SELECT coalesce(array_agg(s.id), '{}') FROM hub.source s
                 WHERE (NOT filter ? 'sources' OR filter -> 'sources' ? s.name)
                   AND (NOT filter ? 'departments' OR filter -> 'departments' ? s.department)) END,
           CASE WHEN filter ? 'subjects' THEN (SELECT coalesce(array_agg(p), '{}') FROM jsonb_array_elements_text(filter -> 'subjects') p) END
$$;
COMMENT ON FUNCTION hub.resolve_filter(jsonb) IS 'A filter''s types and sources as the numbers that the log has for them; null where there is no limit (解析筛选)';
