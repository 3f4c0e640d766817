-- The surest links first (a steward's is infinite, above 1 stands what a claim says itself, below what the rules join today), of equal ones by
-- their ids; what claims say themselves puts no two outlines into one thing, and nothing goes across what a steward has parted.
CREATE OR REPLACE FUNCTION {twin}.gathered(members text[], outlined text[], lefts text[], rights text[], strengths double precision[], parted text[])
RETURNS TABLE (id text, entity_id text) LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    ids text[] := ARRAY(SELECT DISTINCT x.id COLLATE "C" FROM unnest(members) x (id) ORDER BY 1);
    thing integer[] := ARRAY(SELECT n FROM generate_subscripts(ids, 1) n ORDER BY n);
    link record;
    one text[];
    other text[];
BEGIN
    FOR link IN
        SELECT l.strength, least(array_position(ids, l.a), array_position(ids, l.b)) AS a, greatest(array_position(ids, l.a), array_position(ids, l.b)) AS b
          FROM unnest(lefts, rights, strengths) l (a, b, strength) ORDER BY 1 DESC, 2, 3
    LOOP
        CONTINUE WHEN thing[link.a] = thing[link.b];
        IF link.strength < 'infinity' THEN
            one := ARRAY(SELECT ids[n] FROM generate_subscripts(ids, 1) n WHERE thing[n] = thing[link.a]);
            other := ARRAY(SELECT ids[n] FROM generate_subscripts(ids, 1) n WHERE thing[n] = thing[link.b]);
            -- Words, the surest and the least sure of links: named, inside, among.
            CONTINUE WHEN (link.strength > 1 OR link.strength < 0.5) AND one && outlined AND other && outlined
                OR EXISTS (SELECT FROM unnest(one) a, unnest(other) b WHERE least(a COLLATE "C", b) || ' ' || greatest(a COLLATE "C", b) = ANY (parted));
        END IF;
        thing := ARRAY(SELECT CASE WHEN thing[n] = thing[link.b] THEN thing[link.a] ELSE thing[n] END FROM generate_subscripts(ids, 1) n ORDER BY n);
    END LOOP;
    -- Who has an outline goes before who has none.
    RETURN QUERY
    SELECT m.id, first_value(m.id) OVER (PARTITION BY m.thing ORDER BY m.id = ANY (outlined) DESC, m.id COLLATE "C")
      FROM unnest(ids, thing) m (id, thing);
END $$;
COMMENT ON FUNCTION {twin}.gathered(text[], text[], text[], text[], double precision[], text[]) IS 'Claims gathered into things by their links (声明归并)';
