CREATE OR REPLACE FUNCTION hub.release_lease(token bigint) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    UPDATE hub.source SET lease_until = NULL, lease_holder = NULL
     WHERE id = hub.session_source() AND lease_token = release_lease.token
$$;
COMMENT ON FUNCTION hub.release_lease(bigint) IS 'Gives the lease back (归还租约)';
