-- Derived: the building at a door or house, by what most claims of buildings say; where these do not, by what most reports say that name both (their own
-- building, or a point within its outline).
CREATE TABLE place_building (
    place       bigint NOT NULL,
    building_id text COLLATE "C" NOT NULL
);
