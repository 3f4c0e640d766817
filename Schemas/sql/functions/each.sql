-- STRICT and ROWS: it is not inlined, and the planner takes it for a list that is worth hashing; unnest() would be one of ten.
CREATE OR REPLACE FUNCTION hub.each(ids text[]) RETURNS SETOF text
LANGUAGE sql IMMUTABLE STRICT PARALLEL RESTRICTED ROWS 10000 AS $$
    SELECT DISTINCT u.id FROM unnest(ids) u (id)
$$;
COMMENT ON FUNCTION hub.each(text[]) IS 'The ids of a long list, each once (展开编号列表)';
