-- One position that its system does not hold must not lose the others.
CREATE OR REPLACE FUNCTION hub.wgs84(places json, OUT number bigint, OUT longitude double precision, OUT latitude double precision) RETURNS SETOF record
LANGUAGE plpgsql STABLE AS $$
DECLARE
    place record;
    point geometry;
BEGIN
    FOR place IN SELECT p.ordinality AS n, (p.value ->> 's')::integer AS s, (p.value ->> 'x')::float8 AS x, (p.value ->> 'y')::float8 AS y
                   FROM json_array_elements(places) WITH ORDINALITY p LOOP
        number := place.n;
        longitude := NULL;
        latitude := NULL;
        BEGIN
            point := ST_Transform(ST_SetSRID(ST_MakePoint(place.x, place.y), place.s), 4326);
            longitude := ST_X(point);
            latitude := ST_Y(point);
        EXCEPTION WHEN internal_error OR invalid_parameter_value OR data_exception THEN
            NULL;
        END;
        RETURN NEXT;
    END LOOP;
END $$;
COMMENT ON FUNCTION hub.wgs84(json) IS 'Longitude and latitude (WGS 84) of positions in systems with an EPSG number; null where there is none (坐标转换)';
