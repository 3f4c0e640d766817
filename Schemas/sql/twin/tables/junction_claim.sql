CREATE TABLE junction_claim (
    LIKE claim,
    network text,
    elevation_m double precision,
    base_demand_lps double precision,
    pattern text,
    placement text,
    local_location geometry(Point, 0),
    location geometry(Point, 4326)
) WITH (fillfactor = 60);
