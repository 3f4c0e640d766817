CREATE TABLE reservoir_claim (
    LIKE claim,
    network text,
    head_m double precision,
    pattern text,
    placement text,
    local_location geometry(Point, 0),
    location geometry(Point, 4326)
) WITH (fillfactor = 60);
