CREATE TABLE building_claim (
    LIKE claim,
    building_ref text COLLATE "C",
    name text,
    name_en text,
    address text,
    compound_ref text COLLATE "C",
    usage text,
    height_m double precision,
    floors integer,
    households integer,
    built_year integer,
    location geometry(Point, 4326),
    footprint geometry(MultiPolygon, 4326)
) WITH (fillfactor = 60);
