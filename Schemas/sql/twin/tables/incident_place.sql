-- Derived: the door in a street (rank 0) and the house in a compound (rank 1) that a report's address names, as hashes.
CREATE TABLE incident_place (
    place   bigint NOT NULL,
    rank    smallint NOT NULL,
    case_id text COLLATE "C" NOT NULL
);
