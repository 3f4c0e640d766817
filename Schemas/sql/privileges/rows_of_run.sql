-- An adapter begins runs of its own and says once how each ended.
ALTER TABLE hub.run ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS own_rows ON hub.run;
CREATE POLICY own_rows ON hub.run FOR SELECT TO "{hub}_adapter" USING (source_id = hub.session_source());
DROP POLICY IF EXISTS own_beginnings ON hub.run;
CREATE POLICY own_beginnings ON hub.run FOR INSERT TO "{hub}_adapter" WITH CHECK (source_id = hub.session_source() AND ended_at IS NULL);
DROP POLICY IF EXISTS own_ends ON hub.run;
CREATE POLICY own_ends ON hub.run FOR UPDATE TO "{hub}_adapter"
    USING (source_id = hub.session_source() AND ended_at IS NULL) WITH CHECK (source_id = hub.session_source());
