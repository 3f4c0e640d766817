CREATE TABLE building_part_claim (
    LIKE claim,
    building_ref text COLLATE "C",
    name text,
    height_m double precision,
    min_height_m double precision,
    floors integer,
    location geometry(Point, 4326),
    footprint geometry(MultiPolygon, 4326)
) WITH (fillfactor = 60);
