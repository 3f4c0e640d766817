ALTER TABLE hub.quarantine ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS own_rows ON hub.quarantine;
CREATE POLICY own_rows ON hub.quarantine TO "{hub}_adapter" USING (source_id = (SELECT hub.session_source())) WITH CHECK (source_id = (SELECT hub.session_source()));
DROP POLICY IF EXISTS every_row ON hub.quarantine;
CREATE POLICY every_row ON hub.quarantine FOR SELECT TO "{hub}_steward" USING (true);
