CREATE TABLE compound_claim (
    LIKE claim,
    name text,
    address text,
    manager text,
    aliases json,
    households integer,
    location geometry(Point, 4326)
) WITH (fillfactor = 60);
