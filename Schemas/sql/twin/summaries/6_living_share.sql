-- A latent class model with two classes: who lives in the place, and who no longer does or never did. Each list has each person in one of
-- three states (not on it, on it without a recent sign of life, with one), which within a class says nothing of the other lists. What share
-- of a class is in which state is learned by expectation and maximisation, those whom no list has included.
CREATE OR REPLACE FUNCTION {twin}.living_share(states text[], people double precision[]) RETURNS double precision[]
LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE
    lists CONSTANT integer := length(states[1]);
    total CONSTANT double precision := (SELECT sum(p) FROM unnest(people) p);
    prior double precision[] := ARRAY[0.8, 0.2];
    share double precision[];  -- of a class in a state of a list: at (class * lists + list) * 3 + state + 1
    found double precision[];
    held double precision[];
    likely double precision[];
    result double precision[];
    unseen double precision;
    weight double precision;
    change double precision;
    place integer;
BEGIN
    -- Whoever lives there shows a sign of life more often: that names the classes.
    FOR list IN 1..lists LOOP share := share || ARRAY[0.2, 0.4, 0.4]; END LOOP;
    FOR list IN 1..lists LOOP share := share || ARRAY[0.5, 0.45, 0.05]; END LOOP;
    FOR round IN 1..1000 LOOP
        held := ARRAY[0, 0];
        found := array_fill(1e-9::float8, ARRAY[lists * 6]);
        likely := prior;
        FOR class IN 0..1 LOOP
            FOR list IN 0..lists - 1 LOOP likely[class + 1] := likely[class + 1] * share[(class * lists + list) * 3 + 1]; END LOOP;
        END LOOP;
        unseen := total * (likely[1] + likely[2]) / (1 - likely[1] - likely[2]);
        FOR cell IN 0..cardinality(states) LOOP
            IF cell > 0 THEN
                likely := prior;
                FOR class IN 0..1 LOOP
                    FOR list IN 0..lists - 1 LOOP
                        likely[class + 1] := likely[class + 1] * share[(class * lists + list) * 3 + ascii(substr(states[cell], list + 1, 1)) - 47];
                    END LOOP;
                END LOOP;
                result[cell] := likely[1] / (likely[1] + likely[2]);
            END IF;
            FOR class IN 0..1 LOOP
                weight := CASE cell WHEN 0 THEN unseen ELSE people[cell] END * likely[class + 1] / (likely[1] + likely[2]);
                held[class + 1] := held[class + 1] + weight;
                FOR list IN 0..lists - 1 LOOP
                    place := (class * lists + list) * 3 + CASE cell WHEN 0 THEN 1 ELSE ascii(substr(states[cell], list + 1, 1)) - 47 END;
                    found[place] := found[place] + weight;
                END LOOP;
            END LOOP;
        END LOOP;
        change := 0;
        FOR number IN 1..lists * 6 LOOP
            weight := found[number] / held[(number - 1) / (lists * 3) + 1];
            change := greatest(change, abs(weight - share[number]));
            share[number] := weight;
        END LOOP;
        prior := ARRAY[held[1] / (held[1] + held[2]), held[2] / (held[1] + held[2])];
        EXIT WHEN change < 1e-6;
    END LOOP;
    RETURN result;
END $$;
COMMENT ON FUNCTION {twin}.living_share(text[], double precision[]) IS 'Of people in each state (a digit a list: 0 not on it, 1 without a sign of life, 2 with one), what share really lives there: latent class model by Di Cecco, Di Zio, Filipponi and Rocchetti (2018), at least three lists (在住概率)';
