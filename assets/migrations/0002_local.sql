-- What is kept here because a provider cannot: the status of a leak, and the mappings that lose something and were
-- confirmed. Both by the profile's name and its provider: a provider that moves to another address takes them along.

CREATE TABLE local_status (
    profile     TEXT NOT NULL,
    provider    TEXT NOT NULL,
    kind        INTEGER NOT NULL,
    id          BLOB NOT NULL,             -- as in change
    status      INTEGER NOT NULL,
    remote_then INTEGER,                   -- what the provider's own word meant when this was set
    set_at      TEXT NOT NULL,
    job         INTEGER REFERENCES job (id), -- none for an imported one
    previous    INTEGER,                   -- what it was before
    hash        BLOB NOT NULL,
    PRIMARY KEY (profile, provider, kind, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE lossy (
    profile  TEXT NOT NULL,
    provider TEXT NOT NULL,
    wanted   INTEGER NOT NULL,
    stored   INTEGER NOT NULL,
    job      INTEGER NOT NULL REFERENCES job (id), -- the one that it was confirmed with
    hash     BLOB NOT NULL,
    PRIMARY KEY (profile, provider, wanted, stored)
) STRICT, WITHOUT ROWID;
