CREATE INDEX pipe_claim_path ON pipe_claim USING gist (path) WHERE path IS NOT NULL;
