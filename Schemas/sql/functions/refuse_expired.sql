CREATE OR REPLACE FUNCTION hub.refuse_expired(consumer text, "position" bigint, kept bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'changes_expired: % has read the twin''s changes up to position %, and those before position % are kept no longer', consumer, "position", kept
        USING ERRCODE = 'TH014', HINT = format('SELECT hub.seek(%L, hub.stream_end(''twin'')), then read the views of twin anew.', consumer);
END $$;
COMMENT ON FUNCTION hub.refuse_expired(text, bigint, bigint) IS 'Raises changes_expired: a reader came too late (变更过期)';
