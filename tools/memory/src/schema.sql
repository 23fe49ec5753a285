-- Version 1. Released versions are never edited: a change of the schema is a new file and a new entry in MIGRATIONS.

CREATE TABLE facts (
    id         INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,  -- never given twice: a model may name an old one
    text       TEXT    NOT NULL,
    key        TEXT    NOT NULL UNIQUE,  -- the text without case and punctuation, so that one fact is kept once
    topic      TEXT,
    created_ms INTEGER NOT NULL,         -- milliseconds since the Unix epoch
    updated_ms INTEGER NOT NULL,         -- when it was last said
    run        TEXT,                     -- where it comes from, if known
    call       INTEGER
) STRICT;

CREATE INDEX facts_by_time ON facts (updated_ms, id);

-- Words without their endings and accents.
CREATE VIRTUAL TABLE words USING fts5 (
    text, topic, content = 'facts', content_rowid = 'id', tokenize = 'porter unicode61 remove_diacritics 2'
);

-- What is forgotten leaves the index at once, and not when its segments happen to be merged.
INSERT INTO words (words, rank) VALUES ('secure-delete', 1);

CREATE TRIGGER facts_added AFTER INSERT ON facts BEGIN
    INSERT INTO words (rowid, text, topic) VALUES (NEW.id, NEW.text, NEW.topic);
END;

CREATE TRIGGER facts_removed AFTER DELETE ON facts BEGIN
    INSERT INTO words (words, rowid, text, topic) VALUES ('delete', OLD.id, OLD.text, OLD.topic);
END;

CREATE TRIGGER facts_changed AFTER UPDATE OF text, topic ON facts BEGIN
    INSERT INTO words (words, rowid, text, topic) VALUES ('delete', OLD.id, OLD.text, OLD.topic);
    INSERT INTO words (rowid, text, topic) VALUES (NEW.id, NEW.text, NEW.topic);
END;
