-- The team store, step 3: who may do what. Analysts read, and write through functions alone.
REVOKE ALL ON SCHEMA @schema@ FROM PUBLIC;
GRANT USAGE ON SCHEMA @schema@ TO stanch_analyst, stanch_auditor;
GRANT SELECT ON ALL TABLES IN SCHEMA @schema@ TO stanch_analyst, stanch_auditor;
REVOKE SELECT ON stage FROM stanch_analyst, stanch_auditor;
GRANT INSERT ON stage TO stanch_analyst;
-- The key of a console is its own.
REVOKE SELECT ON console FROM stanch_analyst, stanch_auditor;
GRANT SELECT (id, role, os_user, host, tty, pid, version, api, started_at, seen_at, gone_at) ON console
    TO stanch_analyst, stanch_auditor;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA @schema@ FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
    hello(uuid, text, text, text, text, text, int), beat(uuid), bye(uuid),
    account_of(uuid, bigint, text, text, text, text), job_record(uuid, bigint, jsonb, uuid, int, text[]),
    chunk_intent(uuid, bigint, bigint, int, int[]),
    chunk_answer(uuid, bigint, bigint, int, int, text, int, jsonb, text[]),
    job_readings(uuid, bigint, bigint, int, jsonb, bigint, text[]),
    job_state(uuid, bigint, bigint, int, text, text, timestamptz), job_take(uuid, bigint, bigint, boolean),
    job_confirm(uuid, bigint, bigint, int), job_ask(uuid, bigint, bigint, text), job_words(uuid, bigint, bigint, int),
    note_add(uuid, bigint, int[], smallint[], bytea[], text), claim(uuid, bigint, text, int[], smallint[], bytea[]), claim_renew(uuid, bigint),
    statuses_import(uuid, bigint, jsonb), audit_append(uuid, bigint, text[], bigint)
    TO stanch_analyst;
