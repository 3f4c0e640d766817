-- Derived: the blocks of each report, by which its rows in incident_block are found.
CREATE TABLE incident_case (
    case_id text COLLATE "C" NOT NULL,
    blocks  bigint[] NOT NULL
);
