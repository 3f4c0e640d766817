-- Derived: which claims are compared with each other: those that share a block.
CREATE TABLE match_block (
    kind  text COLLATE "C" NOT NULL,
    block bigint NOT NULL,
    id    text COLLATE "C" NOT NULL
);
