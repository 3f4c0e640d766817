-- Derived: the doors and houses that a building's claim gives it: by its address, its name, and the names of its compound; as hashes.
CREATE TABLE claim_place (
    place    bigint NOT NULL,
    claim_id text COLLATE "C" NOT NULL
);
