ALTER TABLE hub.quarantine ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS own_rows ON hub.quarantine;
CREATE POLICY own_rows ON hub.quarantine TO "{hub}_adapter" USING (source_id = hub.session_source()) WITH CHECK (source_id = hub.session_source());
