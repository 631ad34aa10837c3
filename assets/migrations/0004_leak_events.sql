-- What operators did with a leak beside the changes of jobs: each note, claim, takeover and release, oldest first. By the
-- profile's name and its provider, as claims are. Rows are only added, and renamed with a profile.

CREATE TABLE leak_event (
    profile  TEXT NOT NULL,
    provider TEXT NOT NULL,
    kind     INTEGER NOT NULL,
    id       BLOB NOT NULL,                -- as in change
    at       TEXT NOT NULL,
    user     TEXT NOT NULL,
    host     TEXT NOT NULL,
    console  TEXT NOT NULL,
    what     TEXT NOT NULL,                -- note, claim, take or release
    text     TEXT,                         -- of a note
    seq      INTEGER PRIMARY KEY,
    hash     BLOB NOT NULL
) STRICT;

CREATE INDEX leak_event_leak ON leak_event (profile, provider, kind, id);
