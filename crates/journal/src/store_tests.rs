use std::sync::{Arc, Barrier};

use super::*;

fn version(connection: &Connection) -> i64 {
    connection.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap()
}

#[test]
fn a_migration_is_made_once_and_keeps_what_was_there() {
    let folder = tempfile::tempdir().unwrap();
    let (mut connection, _) = open(folder.path()).unwrap();
    connection.execute("INSERT INTO runs (id, started_ms) VALUES ('A', 7)", []).unwrap();
    let steps = [MIGRATIONS[0], "ALTER TABLE runs ADD COLUMN parent TEXT;"];
    migrate(&mut connection, &steps).unwrap();
    migrate(&mut connection, &steps).unwrap();
    assert_eq!(version(&connection), 2);
    let kept = connection
        .query_row("SELECT started_ms, parent FROM runs WHERE id = 'A'", [], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, Option<String>>(1)?))
        })
        .unwrap();
    assert_eq!(kept, (7, None));
}

#[test]
fn a_migration_that_fails_half_way_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (mut connection, _) = open(folder.path()).unwrap();
    let broken = [MIGRATIONS[0], "ALTER TABLE runs ADD COLUMN parent TEXT; ALTER TABLE nowhere ADD COLUMN x;"];
    migrate(&mut connection, &broken).unwrap_err();
    assert_eq!(version(&connection), MIGRATIONS.len() as i64);
    connection.prepare("SELECT parent FROM runs").unwrap_err();
    connection.prepare("SELECT id FROM runs").unwrap();
}

#[test]
fn many_may_make_the_journal_at_the_same_moment() {
    for _ in 0..10 {
        let folder = tempfile::tempdir().unwrap();
        let start = Arc::new(Barrier::new(6));
        let openers: Vec<_> = (0..6)
            .map(|_| {
                let (dir, start) = (folder.path().to_path_buf(), Arc::clone(&start));
                thread::spawn(move || {
                    start.wait();
                    open(&dir).map(|(connection, _)| version(&connection))
                })
            })
            .collect();
        for opener in openers {
            assert_eq!(opener.join().unwrap().unwrap(), MIGRATIONS.len() as i64);
        }
    }
}
