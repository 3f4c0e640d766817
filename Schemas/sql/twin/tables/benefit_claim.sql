-- One row for a benefit of a person; a row whose id ends in ':benefit:*' ends all benefits that the person had before.
CREATE TABLE benefit_claim (
    LIKE claim,
    building_ref text COLLATE "C",
    benefit text
) WITH (fillfactor = 60);
