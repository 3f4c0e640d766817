-- Derived: by what reports come to be compared. A block is a hash of a place and a span of time.
CREATE TABLE incident_block (
    block   bigint NOT NULL,
    case_id text COLLATE "C" NOT NULL
);
