CREATE OR REPLACE FUNCTION hub.surviving_text(rule text[], chosen text, entity text, claims text[], dates timestamptz[], filled integer[], said text[]) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    IF rule[1] = 'union' AND (chosen IS NULL OR said[array_position(claims, chosen)] IS NULL) THEN
        RETURN (SELECT string_agg(u.value, '; ' ORDER BY u.value COLLATE "C") FROM (SELECT DISTINCT s.value FROM unnest(said) s (value) WHERE s.value IS NOT NULL) u);
    END IF;
    RETURN said[hub.survivor(rule, chosen, entity, claims, dates, filled, said)];
END $$;
COMMENT ON FUNCTION hub.surviving_text(text[], text, text, text[], timestamptz[], integer[], text[]) IS 'The text that stands; by the rule union all different ones, in their order (取值结果)';
