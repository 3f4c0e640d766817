-- The one place where a rule of survivorship is carried out. Plain steps, no query: it runs for every value on which sources disagree.
CREATE OR REPLACE FUNCTION hub.survivor(rule text[], chosen text, entity text, claims text[], dates timestamptz[], filled integer[], said text[]) RETURNS integer
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    winner integer;
    score integer;
    best integer;
BEGIN
    FOR i IN 1..cardinality(said) LOOP
        CONTINUE WHEN said[i] IS NULL;
        IF claims[i] = chosen THEN
            RETURN i;
        END IF;
        score := CASE rule[1]
            WHEN 'trusted_source' THEN
                -least(array_position(rule, split_part(claims[i], ':', 1), 2), CASE WHEN claims[i] = entity THEN array_position(rule, 'own', 2) END, 1000000)
            WHEN 'longest' THEN length(said[i])
            WHEN 'most_complete' THEN filled[i]
            WHEN 'majority' THEN cardinality(array_positions(said, said[i]))
            ELSE 0
        END;
        IF winner IS NULL OR score > best OR score = best AND (dates[i] > dates[winner] OR dates[i] = dates[winner] AND claims[i] COLLATE "C" < claims[winner]) THEN
            winner := i;
            best := score;
        END IF;
    END LOOP;
    RETURN winner;
END $$;
COMMENT ON FUNCTION hub.survivor(text[], text, text, text[], timestamptz[], integer[], text[]) IS 'Which of several claims stands, by its number: the one a steward chose, else the first by the rule, of equals the most recent, then the smallest id (取值规则的执行)';
