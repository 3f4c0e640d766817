CREATE TABLE camera_claim (
    LIKE claim,
    building_ref text COLLATE "C",
    name text,
    number text,
    owner text,
    usage text,
    address text,
    location geometry(Point, 4326)
) WITH (fillfactor = 60);
