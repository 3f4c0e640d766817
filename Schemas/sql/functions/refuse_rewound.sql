CREATE OR REPLACE FUNCTION hub.refuse_rewound(consumer text, "position" bigint, common bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'log_rewound: the log was restored to an older state; % had read up to position %, and the last position that both know is %',
        consumer, "position", common
        USING ERRCODE = 'TH011', HINT = format('Take back what came after it, then: SELECT hub.seek(%L, %s)', consumer, common);
END $$;
COMMENT ON FUNCTION hub.refuse_rewound(text, bigint, bigint) IS 'Raises log_rewound, with the last common position (日志回退)';
