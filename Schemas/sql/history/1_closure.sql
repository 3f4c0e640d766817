-- Every claim of a building that could ever have to do with those that are asked for: by a name, by an outline, by a steward, or by today's
-- rules. More than needed does no harm; fewer would give another answer than the whole.
CREATE OR REPLACE FUNCTION {twin}.closure(wanted text[]) RETURNS text[]
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    found text[] := ARRAY(SELECT DISTINCT w.id FROM unnest(wanted) w (id) WHERE w.id IS NOT NULL);
    frontier text[] := found;
BEGIN
    WHILE cardinality(frontier) > 0 LOOP
        frontier := ARRAY(SELECT DISTINCT n.id FROM (
            SELECT c.building_ref FROM {generation}.building_claim c WHERE c.id = ANY (frontier)
            UNION ALL
            SELECT c.id FROM {generation}.building_claim c WHERE c.building_ref = ANY (frontier)
            UNION ALL
            SELECT b.id FROM {generation}.building_claim c JOIN {generation}.building_claim b ON ST_Intersects(b.footprint, c.location) WHERE c.id = ANY (frontier)
            UNION ALL
            SELECT c.id FROM {generation}.building_claim b JOIN {generation}.building_claim c ON ST_Intersects(b.footprint, c.location) WHERE b.id = ANY (frontier)
            UNION ALL
            SELECT d.other FROM {generation}.identity_claim d WHERE d.entity_kind = 'building' AND d.claim = ANY (frontier)
            UNION ALL
            SELECT d.claim FROM {generation}.identity_claim d WHERE d.entity_kind = 'building' AND d.other = ANY (frontier)
            UNION ALL
            SELECT o.id FROM twin.building_claim m JOIN twin.building_claim o ON o.building_id = m.building_id
             WHERE m.id = ANY (frontier) AND (m.method IN ('match', 'steward') OR o.method IN ('match', 'steward'))) n (id)
             WHERE n.id IS NOT NULL AND n.id <> ALL (found));
        found := found || frontier;
    END LOOP;
    RETURN found;
END $$;
COMMENT ON FUNCTION {twin}.closure(text[]) IS 'Claims of buildings that could ever belong together with some (可能相关的声明)';
