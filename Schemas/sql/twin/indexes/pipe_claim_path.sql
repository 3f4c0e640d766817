CREATE INDEX pipe_claim_path ON pipe_claim USING gist (path);
CREATE INDEX pipe_claim_path_geography ON pipe_claim USING gist ((path::geography));
