-- The life cycle of cases, over steps in the order in which they are taken; what may follow what is written down once, beside the projector's own.
CREATE OR REPLACE FUNCTION {twin}.case_course(steps text[], moments timestamptz[], dated boolean[], OUT status text, OUT status_at timestamptz, OUT closed_at timestamptz, OUT is_open boolean, OUT anomalies json)
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    follows CONSTANT jsonb := '{follows}';
    received timestamptz := (SELECT min(moments[n]) FROM generate_subscripts(steps, 1) n WHERE steps[n] = 'received' AND dated[n]);
    faults text[] := '{}';
    fault text;
BEGIN
    FOR n IN 1..cardinality(steps) LOOP
        fault := CASE
            WHEN status IS NULL THEN CASE WHEN steps[n] <> 'received' THEN 'never_received' END
            WHEN follows -> status ? steps[n] THEN NULL
            WHEN steps[n] = 'received' THEN 'received_again'
            WHEN status = 'closed' THEN 'after_closed'
            WHEN status = 'merged' THEN 'after_merged'
            WHEN steps[n] = 'reopened' THEN 'reopened_unclosed'
            WHEN steps[n] = 'called_back' THEN 'called_back_unanswered'
            ELSE 'out_of_order' END;
        IF dated[n] AND moments[n] < received THEN
            faults := faults || 'before_received'::text;
        END IF;
        faults := array_remove(faults || fault, NULL);
        CONTINUE WHEN steps[n] = ANY ('{besides}') OR fault IN ('received_again', 'after_closed', 'after_merged', 'called_back_unanswered')
            OR status = 'closed' AND steps[n] = 'called_back';
        status := steps[n];
        status_at := moments[n];
        IF status IN ('closed', 'reopened') THEN
            closed_at := CASE WHEN status = 'closed' AND dated[n] THEN moments[n] END;
        END IF;
    END LOOP;
    is_open := coalesce(status NOT IN ('closed', 'merged'), true);
    anomalies := CASE WHEN cardinality(faults) > 0 THEN to_json(faults) END;
END $$;
COMMENT ON FUNCTION {twin}.case_course(text[], timestamptz[], boolean[]) IS 'Where a case stands after some steps (工单状态)';
