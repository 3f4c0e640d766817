ALTER TABLE hub.subject_key ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS own_rows ON hub.subject_key;
CREATE POLICY own_rows ON hub.subject_key FOR SELECT TO "{hub}_adapter" USING (source_id = (SELECT hub.session_source()));
