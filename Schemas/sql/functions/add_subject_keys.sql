-- Keys of the caller's own source, in the transaction of the facts that they seal. Wrapped keys come as hexadecimal digits.
CREATE OR REPLACE FUNCTION hub.add_subject_keys(ids text[], subjects text[], wrapped text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF hub.session_source() IS NULL THEN
        RAISE EXCEPTION 'role % writes for no source', session_user USING ERRCODE = 'insufficient_privilege';
    END IF;
    INSERT INTO hub.subject_key (id, source_id, subject, wrapped)
    SELECT k.id, hub.session_source(), k.subject, decode(k.wrapped, 'hex') FROM unnest(ids, subjects, add_subject_keys.wrapped) AS k (id, subject, wrapped);
END $$;
COMMENT ON FUNCTION hub.add_subject_keys(text[], text[], text[]) IS 'Stores new keys of the caller''s source (保存个人数据密钥)';
