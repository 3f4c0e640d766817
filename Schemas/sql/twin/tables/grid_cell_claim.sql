CREATE TABLE grid_cell_claim (
    LIKE claim,
    name text,
    households integer,
    division text COLLATE "C",
    footprint geometry(MultiPolygon, 4326)
) WITH (fillfactor = 60);
