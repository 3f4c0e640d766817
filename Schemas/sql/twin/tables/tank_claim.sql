CREATE TABLE tank_claim (
    LIKE claim,
    network text,
    elevation_m double precision,
    init_level_m double precision,
    min_level_m double precision,
    max_level_m double precision,
    diameter_m double precision,
    min_volume_m3 double precision,
    placement text,
    local_location geometry(Point, 0),
    location geometry(Point, 4326)
) WITH (fillfactor = 60);
