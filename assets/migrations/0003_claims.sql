-- Who has taken which leak on, who made which job, and which job left the last words with a leak. By the profile's
-- name and its provider, as what is kept here is: a provider that moves to another address takes them along.

CREATE TABLE claim (
    profile  TEXT NOT NULL,
    provider TEXT NOT NULL,
    kind     INTEGER NOT NULL,
    id       BLOB NOT NULL,                -- as in change
    user     TEXT NOT NULL,
    host     TEXT NOT NULL,
    console  TEXT NOT NULL,
    until    TEXT NOT NULL,
    hash     BLOB NOT NULL,
    PRIMARY KEY (profile, provider, kind, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE author (
    job     INTEGER PRIMARY KEY REFERENCES job (id),
    user    TEXT NOT NULL,
    host    TEXT NOT NULL,
    console TEXT NOT NULL,
    hash    BLOB NOT NULL
) STRICT;

-- The words themselves stand with the job.
CREATE TABLE noted (
    profile  TEXT NOT NULL,
    provider TEXT NOT NULL,
    kind     INTEGER NOT NULL,
    id       BLOB NOT NULL,
    job      INTEGER NOT NULL REFERENCES job (id),
    hash     BLOB NOT NULL,
    PRIMARY KEY (profile, provider, kind, id)
) STRICT, WITHOUT ROWID;

-- How many rows a table has and what their hashes come to, so that one that is taken out shows.
CREATE TABLE tally (
    name  TEXT PRIMARY KEY,
    count INTEGER NOT NULL,
    sum   BLOB NOT NULL
) STRICT, WITHOUT ROWID;
