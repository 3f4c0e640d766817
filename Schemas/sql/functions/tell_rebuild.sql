-- Called in the transaction that switches the views, or that changes how they put rows together. What differs then is not told row by row:
-- whoever keeps a copy reads the views anew.
CREATE OR REPLACE FUNCTION hub.tell_rebuild(reason text, "position" bigint) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO hub.twin_change (position, type, subject, caused_by, payload)
    SELECT hub.next_change(), 'twin.rebuilt', 'twin/' || reason, tell_rebuild."position",
           json_build_object('reason', reason, 'position', tell_rebuild."position")
$$;
COMMENT ON FUNCTION hub.tell_rebuild(text, bigint) IS 'Tells readers of the twin''s changes that all of it may be other: they read it anew (告知重建)';
