-- One row for a benefit of a person; a row whose id ends in ':benefit:*' ends all benefits that the person had before.
CREATE TABLE benefit_claim (
    LIKE claim,
    building_ref text COLLATE "C",
    benefit text,
    -- As the adapter told it: sealed, an encoding. Never in the clear.
    name text COLLATE "C",
    birth_year integer,
    sex text
) WITH (fillfactor = 60);
