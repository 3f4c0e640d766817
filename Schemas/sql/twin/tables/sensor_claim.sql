CREATE TABLE sensor_claim (
    LIKE claim,
    name text,
    observed_property text,
    unit text,
    feature_of_interest text,
    platform text,
    building_ref text COLLATE "C",
    location geometry(Point, 4326)
) WITH (fillfactor = 60);
