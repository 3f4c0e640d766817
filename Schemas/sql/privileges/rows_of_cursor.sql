ALTER TABLE hub.cursor ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS own_rows ON hub.cursor;
CREATE POLICY own_rows ON hub.cursor TO "{hub}_adapter" USING (source_id = (SELECT hub.session_source())) WITH CHECK (source_id = (SELECT hub.session_source()));
