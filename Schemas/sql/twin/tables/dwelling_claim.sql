CREATE TABLE dwelling_claim (
    LIKE claim,
    building_ref text COLLATE "C",
    entrance text,
    room text,
    area_m2 double precision,
    tenure text,
    occupants integer
) WITH (fillfactor = 60);
