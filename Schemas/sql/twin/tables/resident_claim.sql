CREATE TABLE resident_claim (
    LIKE claim,
    building_ref text COLLATE "C",
    dwelling_ref text COLLATE "C",
    kind text,
    birth_year integer,
    sex text
);
