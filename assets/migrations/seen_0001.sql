-- What was seen. Marks are keyed hashes: no id, no login and no URL is in this file but in messages that wait.
CREATE TABLE meta (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE account (
    id INTEGER PRIMARY KEY,
    profile TEXT NOT NULL,
    provider TEXT NOT NULL,
    team TEXT NOT NULL,
    baseline_at INTEGER,
    baseline_leaks INTEGER NOT NULL DEFAULT 0,
    probe BLOB,
    last_scan INTEGER,
    last_whole INTEGER,
    failures INTEGER NOT NULL DEFAULT 0,
    blind_since INTEGER,
    blind_told INTEGER,
    UNIQUE (profile, provider, team)
);
CREATE TABLE seen (
    account INTEGER NOT NULL,
    mark INTEGER NOT NULL,
    found INTEGER NOT NULL,
    before INTEGER,
    state INTEGER NOT NULL,
    since INTEGER NOT NULL,
    PRIMARY KEY (account, mark)
) WITHOUT ROWID;
CREATE TABLE scan (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account INTEGER NOT NULL,
    began INTEGER NOT NULL,
    ended INTEGER NOT NULL,
    what TEXT NOT NULL,
    requests INTEGER NOT NULL,
    times INTEGER NOT NULL DEFAULT 1,
    listed INTEGER,
    total INTEGER,
    hash BLOB
);
CREATE INDEX scan_of_account ON scan (account, what, began);
CREATE TABLE event (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    scan INTEGER NOT NULL,
    account INTEGER NOT NULL,
    mark INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    before INTEGER NOT NULL,
    after INTEGER NOT NULL,
    at INTEGER NOT NULL,
    flags INTEGER NOT NULL,
    count INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE cursor (name TEXT PRIMARY KEY, seq INTEGER NOT NULL, at INTEGER NOT NULL, back INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE outbox (
    id TEXT PRIMARY KEY,
    channel TEXT NOT NULL,
    made INTEGER NOT NULL,
    due INTEGER NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    dead INTEGER NOT NULL DEFAULT 0,
    body BLOB NOT NULL
) WITHOUT ROWID;
