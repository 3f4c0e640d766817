CREATE OR REPLACE FUNCTION hub.like_patterns(patterns jsonb) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(array_agg(replace(replace(replace(replace(p, '\', '\\'), '%', '\%'), '_', '\_'), '*', '%')), '{}')
      FROM jsonb_array_elements_text(patterns) p
$$;
COMMENT ON FUNCTION hub.like_patterns(jsonb) IS 'Names of types, * for any text, as patterns of LIKE (类型通配)';
