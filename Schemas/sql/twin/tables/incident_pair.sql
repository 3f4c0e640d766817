-- Derived: two reports that are of one incident by the weights (link), may be (review), or of which a steward said so or the contrary.
CREATE TABLE incident_pair (
    left_id     text COLLATE "C" NOT NULL,
    right_id    text COLLATE "C" NOT NULL,
    band        text COLLATE "C" NOT NULL CHECK (band IN ('link', 'review', 'merged', 'split')),
    probability double precision NOT NULL,
    -- By attribute: level of agreement and weight; and the veto, where there is one.
    evidence    json NOT NULL
);
