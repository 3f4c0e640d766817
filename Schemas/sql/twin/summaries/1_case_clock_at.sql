CREATE OR REPLACE FUNCTION {twin}.case_clock_at(moment timestamptz)
RETURNS TABLE (case_id text, clock text, runs_for text, responsible text, started_at timestamptz, amount integer, unit text, due_at timestamptz,
               ended_at timestamptz, state text, remaining interval, is_assumed boolean, scheme text)
LANGUAGE sql STABLE AS $$
SELECT * FROM {twin}.case_clock_of(moment, ARRAY(SELECT c.id FROM {twin}."case" c))
$$;
COMMENT ON FUNCTION {twin}.case_clock_at(timestamptz) IS 'The clocks of all cases as they stood at a moment, past ones too: as twin.case_clock (时刻的时钟)';
