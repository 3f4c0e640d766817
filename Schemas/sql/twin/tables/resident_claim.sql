CREATE TABLE resident_claim (
    LIKE claim,
    building_ref text COLLATE "C",
    dwelling_ref text COLLATE "C",
    kind text,
    birth_year integer,
    sex text,
    -- As the adapter told them: sealed, a pseudonym, masked. Never in the clear.
    name text COLLATE "C",
    phone text COLLATE "C",
    address text,
    moved_in text COLLATE "C"
) WITH (fillfactor = 60);
