ALTER TABLE hub.scenario_state ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS own_rows ON hub.scenario_state;
CREATE POLICY own_rows ON hub.scenario_state TO "{hub}_adapter" USING (source_id = (SELECT hub.session_source())) WITH CHECK (source_id = (SELECT hub.session_source()));
