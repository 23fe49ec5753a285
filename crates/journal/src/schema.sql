-- Version 1. Released versions are never edited: a change of the schema is a new file and a new entry in MIGRATIONS.

CREATE TABLE runs (
    id         TEXT    NOT NULL PRIMARY KEY,  -- ULID, so that the order of ids is the order of time
    started_ms INTEGER NOT NULL               -- milliseconds since the Unix epoch
) STRICT, WITHOUT ROWID;

-- Without a rowid an append touches one tree instead of two, which halves what a commit writes to the log.
CREATE TABLE events (
    run      TEXT    NOT NULL REFERENCES runs (id),
    sequence INTEGER NOT NULL CHECK (sequence >= 0),
    at_ms    INTEGER NOT NULL,
    kind     TEXT    NOT NULL,
    body     TEXT    NOT NULL,                -- the whole event as JSON, its kind included
    PRIMARY KEY (run, sequence)
) STRICT, WITHOUT ROWID;

-- Empty but inside the transaction that deletes a run, which is the only way past the triggers below.
CREATE TABLE deletions (run TEXT NOT NULL PRIMARY KEY) STRICT, WITHOUT ROWID;

-- Also what keeps INSERT OR REPLACE from rewriting an event: it would fire no DELETE trigger.
CREATE TRIGGER events_are_appended BEFORE INSERT ON events
WHEN NEW.sequence IS NOT (SELECT coalesce(max(sequence) + 1, 0) FROM events WHERE run = NEW.run)
BEGIN SELECT RAISE (ABORT, 'events are appended to a run in order, without gaps'); END;

CREATE TRIGGER events_are_final BEFORE UPDATE ON events
BEGIN SELECT RAISE (ABORT, 'events are never changed'); END;

CREATE TRIGGER events_are_kept BEFORE DELETE ON events
WHEN NOT EXISTS (SELECT 1 FROM deletions WHERE run = OLD.run)
BEGIN SELECT RAISE (ABORT, 'events are deleted with their whole run'); END;

CREATE TRIGGER runs_are_added BEFORE INSERT ON runs
WHEN EXISTS (SELECT 1 FROM runs WHERE id = NEW.id)
BEGIN SELECT RAISE (ABORT, 'there is such a run already'); END;

CREATE TRIGGER runs_are_final BEFORE UPDATE ON runs
BEGIN SELECT RAISE (ABORT, 'runs are never changed'); END;

CREATE TRIGGER runs_are_kept BEFORE DELETE ON runs
WHEN NOT EXISTS (SELECT 1 FROM deletions WHERE run = OLD.id)
BEGIN SELECT RAISE (ABORT, 'runs are deleted by the function for it'); END;
