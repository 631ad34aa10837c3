-- The team store, step 1: its tables. They belong to stanch_owner; no analyst writes one of them.
CREATE TABLE meta (
    one boolean PRIMARY KEY DEFAULT true CHECK (one), store uuid NOT NULL DEFAULT gen_random_uuid(),
    schema_version int NOT NULL, api_min int NOT NULL, api_max int NOT NULL,
    lease_seconds int NOT NULL DEFAULT 60 CHECK (lease_seconds >= 3), send_seconds int NOT NULL DEFAULT 30 CHECK (send_seconds >= 2),
    fingerprint_check bytea, made_at timestamptz NOT NULL DEFAULT now());

-- Always empty: only ever locked.
CREATE TABLE turn ();
CREATE TABLE audit_turn ();

CREATE TABLE account (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL, provider text NOT NULL, origin text NOT NULL,
    team text NOT NULL, UNIQUE (name, provider));

CREATE TABLE console (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, key uuid NOT NULL UNIQUE, role text NOT NULL, os_user text NOT NULL,
    host text NOT NULL, tty text NOT NULL, pid text NOT NULL, version text NOT NULL, api int NOT NULL,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(), seen_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    gone_at timestamptz) WITH (fillfactor = 50);

CREATE TABLE event (
    seq bigint PRIMARY KEY, at timestamptz NOT NULL, role text NOT NULL, console int REFERENCES console, n bigint, job bigint,
    what text NOT NULL, detail text NOT NULL, answer text, prev bytea NOT NULL, hash bytea NOT NULL, UNIQUE (console, n));
CREATE INDEX event_of_job ON event (job, seq) WHERE job IS NOT NULL;

CREATE TABLE job (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, state text NOT NULL, paused text, paused_until timestamptz,
    command text NOT NULL, wanted smallint NOT NULL, plan_hash text NOT NULL, made_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL, confirmed_at timestamptz NOT NULL, started_at timestamptz, ended_at timestamptz,
    reason text, note text, ticket text, retries bigint REFERENCES job, undoes bigint REFERENCES job,
    redoes bigint REFERENCES job, undone_by bigint REFERENCES job,
    -- Eleven numbers, in the order of the outcomes.
    counts int[] NOT NULL, plan_ms bigint NOT NULL DEFAULT 0, journal_us bigint NOT NULL DEFAULT 0,
    writes bigint NOT NULL DEFAULT 0, reads bigint NOT NULL DEFAULT 0, chunks int NOT NULL DEFAULT 0,
    author int NOT NULL REFERENCES console, holder int REFERENCES console, token int NOT NULL DEFAULT 1,
    asked text, asked_by int REFERENCES console, told int NOT NULL DEFAULT 0, worded boolean NOT NULL DEFAULT true,
    source bytea, imported_id bigint, seq bigint NOT NULL, UNIQUE (plan_hash, made_at), UNIQUE (source, imported_id))
    WITH (fillfactor = 50);
CREATE INDEX job_changed ON job (seq);
CREATE INDEX job_live ON job (id) WHERE ended_at IS NULL;

CREATE TABLE share (
    job bigint NOT NULL REFERENCES job, place smallint NOT NULL, account int NOT NULL REFERENCES account,
    remote int NOT NULL, local int NOT NULL, bulk_size int NOT NULL, origin text NOT NULL, team text NOT NULL,
    PRIMARY KEY (job, place));

CREATE TABLE change (
    job bigint NOT NULL, idx int NOT NULL, account int NOT NULL, chunk int, kind smallint NOT NULL, before smallint,
    wanted smallint NOT NULL, place smallint NOT NULL, state smallint NOT NULL, attempts smallint NOT NULL DEFAULT 0,
    code smallint, id bytea NOT NULL, reason text, PRIMARY KEY (job, idx)) PARTITION BY RANGE (job);

-- No foreign key: only functions write here.
CREATE TABLE live (
    account int NOT NULL, kind smallint NOT NULL, id bytea NOT NULL, job bigint NOT NULL, PRIMARY KEY (account, kind, id))
    WITH (autovacuum_vacuum_scale_factor = 0.02);
CREATE INDEX live_of_job ON live (job);

CREATE TABLE chunk (
    job bigint NOT NULL REFERENCES job, chunk int NOT NULL, size int NOT NULL, token int NOT NULL, console int NOT NULL,
    intent_at timestamptz NOT NULL, answered_at timestamptz, class text, status int, PRIMARY KEY (job, chunk));

CREATE TABLE claim (
    account int NOT NULL, kind smallint NOT NULL, id bytea NOT NULL, role text NOT NULL,
    console int NOT NULL REFERENCES console, until timestamptz NOT NULL, seq bigint NOT NULL,
    PRIMARY KEY (account, kind, id)) WITH (fillfactor = 70);
CREATE INDEX claim_changed ON claim (seq);

-- A null status was taken away, and is kept for the feed.
CREATE TABLE local_status (
    account int NOT NULL, kind smallint NOT NULL, id bytea NOT NULL, status smallint, remote_then smallint,
    set_at timestamptz NOT NULL, job bigint, console int NOT NULL, previous smallint, seq bigint NOT NULL,
    PRIMARY KEY (account, kind, id)) WITH (fillfactor = 70);
CREATE INDEX local_status_changed ON local_status (seq);

CREATE TABLE words (
    account int NOT NULL, kind smallint NOT NULL, id bytea NOT NULL, job bigint NOT NULL, seq bigint NOT NULL,
    PRIMARY KEY (account, kind, id)) WITH (fillfactor = 70);

-- Notes, claims, take-overs and releases of each leak; rows are only added.
CREATE TABLE leak_event (
    n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, account int NOT NULL, kind smallint NOT NULL, id bytea NOT NULL,
    at timestamptz NOT NULL, console int NOT NULL REFERENCES console, what text NOT NULL, words text, seq bigint NOT NULL);
CREATE INDEX leak_event_of_leak ON leak_event (account, kind, id);
CREATE INDEX leak_event_note ON leak_event (account, n) WHERE what = 'note';

CREATE TABLE lossy (
    account int NOT NULL, wanted smallint NOT NULL, stored smallint NOT NULL, job bigint NOT NULL,
    PRIMARY KEY (account, wanted, stored));

-- seq is that of the last line.
CREATE TABLE audit (
    seq bigint PRIMARY KEY, lines int NOT NULL, at timestamptz NOT NULL, role text NOT NULL,
    console int NOT NULL REFERENCES console, n bigint NOT NULL, body text NOT NULL, hash bytea NOT NULL,
    UNIQUE (console, n));

CREATE TABLE audit_archive (
    source bytea NOT NULL, first bigint NOT NULL, body text NOT NULL, PRIMARY KEY (source, first));

-- Plans come in here by COPY, and go on with one call. It is empty after a crash of the server: the COPY is repeated then.
CREATE UNLOGGED TABLE stage (
    batch uuid NOT NULL, idx int NOT NULL, account int NOT NULL, kind smallint NOT NULL, id bytea NOT NULL, before smallint,
    wanted smallint NOT NULL, place smallint NOT NULL, state smallint NOT NULL, remote smallint, reason text,
    at timestamptz NOT NULL DEFAULT now());
CREATE INDEX stage_of_batch ON stage (batch);
