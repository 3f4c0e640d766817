CREATE TABLE entrance_claim (
    LIKE claim,
    building_ref text COLLATE "C",
    name text,
    address text,
    location geometry(Point, 4326)
) WITH (fillfactor = 60);
