CREATE TABLE benefit_claim (
    LIKE claim INCLUDING ALL,
    person_id text COLLATE "C",
    benefit text,
    building_ref text COLLATE "C"
);
