CREATE OR REPLACE FUNCTION {twin}.person_key(claim_id text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT substr(regexp_replace(claim_id, ':(care|benefit:.*)$', ''), strpos(claim_id, ':') + 1) $$;
COMMENT ON FUNCTION {twin}.person_key(text) IS 'The pseudonym in the id of a claim about a person, <source>:<pseudonym> or <source>:<pseudonym>:benefit:<name>: the same in every source (人员假名)';
