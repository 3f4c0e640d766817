ALTER TABLE hub.fingerprint ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS own_rows ON hub.fingerprint;
CREATE POLICY own_rows ON hub.fingerprint TO "{hub}_adapter" USING (source_id = (SELECT hub.session_source())) WITH CHECK (source_id = (SELECT hub.session_source()));
