CREATE TABLE occupancy_claim (
    LIKE claim,
    building_ref text COLLATE "C",
    dwelling_ref text COLLATE "C",
    occupants integer,
    tenure text
) WITH (fillfactor = 60);
