-- Derived: pairs of claims that are probably the same thing, or to be reviewed; the smaller id first.
CREATE TABLE match_edge (
    kind        text COLLATE "C" NOT NULL,
    left_id     text COLLATE "C" NOT NULL,
    right_id    text COLLATE "C" NOT NULL,
    probability double precision NOT NULL
);
