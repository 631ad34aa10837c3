-- Who has taken which leak on, by the profile's name and its provider, as what is kept here is: a provider that moves to
-- another address takes them along. And who made which job.

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

-- How many rows a table has and what their hashes come to, so that one that is taken out shows.
CREATE TABLE tally (
    name  TEXT PRIMARY KEY,
    count INTEGER NOT NULL,
    sum   BLOB NOT NULL
) STRICT, WITHOUT ROWID;
