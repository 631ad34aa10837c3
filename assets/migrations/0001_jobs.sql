-- Jobs, their changes, what was sent for them, and the chain of events. Times are RFC 3339 text in UTC, words are those
-- of the entities. A leak stands here as its key alone: nothing that a provider said of it is ever stored.

PRAGMA application_id = 1400139363; -- "Stnc"

-- A profile as a job was bound to it: the same name at another origin or team is another row.
CREATE TABLE profile (
    id       INTEGER PRIMARY KEY,
    name     TEXT NOT NULL,
    provider TEXT NOT NULL,
    origin   TEXT NOT NULL,
    team     TEXT NOT NULL,
    UNIQUE (name, provider, origin, team)
) STRICT;

CREATE TABLE job (
    id           INTEGER PRIMARY KEY,
    state        TEXT NOT NULL,
    paused       TEXT,
    paused_until TEXT,
    command      TEXT NOT NULL,
    wanted       INTEGER NOT NULL,
    plan_hash    TEXT NOT NULL,
    made_at      TEXT NOT NULL,
    created_at   TEXT NOT NULL,
    started_at   TEXT,
    ended_at     TEXT,
    reason       TEXT,
    note         TEXT,
    ticket       TEXT,
    retries      INTEGER REFERENCES job (id),
    undoes       INTEGER REFERENCES job (id),
    redoes       INTEGER REFERENCES job (id),
    undone_by    INTEGER REFERENCES job (id),
    counts       TEXT NOT NULL,            -- how many changes have each outcome, in the order of the words
    plan_ms      INTEGER NOT NULL,
    journal_us   INTEGER NOT NULL,
    writes       INTEGER NOT NULL,
    reads        INTEGER NOT NULL,
    boot         TEXT,                     -- which boot of the machine it was confirmed in
    hash         BLOB NOT NULL,
    UNIQUE (plan_hash, made_at)            -- a plan is used once
) STRICT;

-- What each profile contributes, in the order of the plan.
CREATE TABLE share (
    job       INTEGER NOT NULL REFERENCES job (id),
    place     INTEGER NOT NULL,
    profile   INTEGER NOT NULL REFERENCES profile (id),
    remote    INTEGER NOT NULL,
    local     INTEGER NOT NULL,
    bulk_size INTEGER NOT NULL,
    PRIMARY KEY (job, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE change (
    job      INTEGER NOT NULL REFERENCES job (id),
    idx      INTEGER NOT NULL,
    profile  INTEGER NOT NULL REFERENCES profile (id),
    kind     INTEGER NOT NULL,
    id       BLOB NOT NULL,                -- 0 and the bytes, or 1 and what 32 hexadecimal digits stand for
    before   INTEGER,
    wanted   INTEGER NOT NULL,
    local    INTEGER NOT NULL,             -- kept by us, because the provider cannot
    state    INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    chunk    INTEGER,                      -- the last one that it was sent in
    code     INTEGER,
    reason   TEXT,
    hash     BLOB NOT NULL,
    PRIMARY KEY (job, idx)
) STRICT, WITHOUT ROWID;

-- The leaks of jobs that have not ended: a leak is in one at most.
CREATE TABLE live (
    profile INTEGER NOT NULL REFERENCES profile (id),
    kind    INTEGER NOT NULL,
    id      BLOB NOT NULL,
    job     INTEGER NOT NULL REFERENCES job (id),
    PRIMARY KEY (profile, kind, id)
) STRICT, WITHOUT ROWID;

-- One request with changes: the intent, then what its answer proved.
CREATE TABLE chunk (
    job         INTEGER NOT NULL REFERENCES job (id),
    chunk       INTEGER NOT NULL,
    size        INTEGER NOT NULL,
    intent_at   TEXT NOT NULL,
    class       TEXT,
    status      INTEGER,
    answered_at TEXT,
    PRIMARY KEY (job, chunk)
) STRICT, WITHOUT ROWID;

-- Append-only, each row with the hash of the one before.
CREATE TABLE event (
    seq    INTEGER PRIMARY KEY,
    at     TEXT NOT NULL,
    job    INTEGER,
    what   TEXT NOT NULL,
    detail TEXT NOT NULL,
    prev   BLOB NOT NULL,
    hash   BLOB NOT NULL
) STRICT;

-- Where a chain ends, so that cutting it shows: 'event' and 'audit'.
CREATE TABLE head (
    chain TEXT PRIMARY KEY,
    count INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    hash  BLOB NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO head (chain, count, bytes, hash) VALUES ('event', 0, 0, zeroblob(32)), ('audit', 0, 0, zeroblob(32));
