//! Opening the database file: what is checked before it is touched, the settings, the schema.

use std::{
    fs, io,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};

use crate::{JournalError, error::classify};

/// How long a writer waits for another process. An append holds the lock for well under a millisecond, a checkpoint
/// on a slow disk for some seconds.
pub(crate) const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// Marks the file as ours ("Tool" in ASCII), so that no other program's database is ever migrated.
const APPLICATION_ID: i32 = 0x546f_6f6c;

/// Entry *n* takes a file from version *n* to *n* + 1.
const MIGRATIONS: &[&str] = &[include_str!("schema.sql")];

const FILE: &str = "journal.sqlite3";

pub(crate) fn open(dir: &Path) -> Result<(Connection, PathBuf), JournalError> {
    // SQLite reads a name that begins with "file:" as an address; "./file:" is a name.
    let path = if dir.is_relative() { Path::new(".").join(dir).join(FILE) } else { dir.join(FILE) };
    create_private(dir, &path)?;
    let connection = connect(&path)?;
    Ok((connection, path))
}

/// Makes the folder and an empty file that only the owner can read. SQLite gives the files it puts beside the database
/// the same mode. What is already there keeps its own.
fn create_private(dir: &Path, path: &Path) -> Result<(), JournalError> {
    let mut folder = fs::DirBuilder::new();
    folder.recursive(true);
    let mut file = fs::OpenOptions::new();
    file.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
        folder.mode(0o700);
        file.mode(0o600);
    }
    folder.create(dir).map_err(|source| JournalError::Create { path: dir.into(), source })?;
    match file.open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(source) => Err(JournalError::Create { path: path.into(), source }),
    }
}

fn connect(path: &Path) -> Result<Connection, JournalError> {
    let failed = |error| classify(path.into(), "opening", BUSY_TIMEOUT.as_secs(), error);
    // No CREATE: the file is there, and if someone takes it away in between, that is an error to show.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags).map_err(failed)?;
    connection.busy_timeout(BUSY_TIMEOUT).map_err(failed)?;
    connection.set_prepared_statement_cache_capacity(16);

    let version = inspect(&connection, path)?;
    if connection.is_readonly("main").map_err(failed)? {
        return Err(JournalError::NotWritable { path: path.into(), detail: "the file is read-only".into() });
    }
    write_ahead(&connection, path)?;
    connection
        .execute_batch(
            "PRAGMA synchronous = NORMAL;
             PRAGMA foreign_keys = ON;
             PRAGMA trusted_schema = OFF;
             PRAGMA cell_size_check = ON;
             PRAGMA secure_delete = ON;
             PRAGMA journal_size_limit = 16777216;",
        )
        .map_err(failed)?;
    if (version as usize) < MIGRATIONS.len() {
        migrate(&mut connection, MIGRATIONS).map_err(failed)?;
    }
    Ok(connection)
}

/// The file's schema version, 0 for an empty one. Reads only: a file that is not ours is not even switched to another
/// journal mode.
fn inspect(connection: &Connection, path: &Path) -> Result<u32, JournalError> {
    let failed = |error| classify(path.into(), "opening", BUSY_TIMEOUT.as_secs(), error);
    let (application, version, objects) = connection
        .query_row(
            "SELECT application_id, user_version, (SELECT count(*) FROM sqlite_schema)
             FROM pragma_application_id, pragma_user_version",
            [],
            |row| Ok((row.get::<_, i32>(0)?, row.get::<_, i32>(1)?, row.get::<_, i64>(2)?)),
        )
        .map_err(failed)?;
    let is_empty = application == 0 && version == 0 && objects == 0;
    let version = u32::try_from(version).unwrap_or(0);
    if is_empty {
        return Ok(0);
    }
    if application != APPLICATION_ID || version == 0 {
        return Err(JournalError::Foreign { path: path.into() });
    }
    let known = MIGRATIONS.len() as u32;
    if version > known {
        return Err(JournalError::NewerSchema { path: path.into(), found: version, known });
    }
    Ok(version)
}

/// Switching to the write-ahead log needs the file alone for a moment, and SQLite does not wait for that itself; two
/// processes that make a journal together meet here.
fn write_ahead(connection: &Connection, path: &Path) -> Result<(), JournalError> {
    let begun = Instant::now();
    loop {
        let mode = connection.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get::<_, String>(0));
        match mode {
            Ok(mode) if mode.eq_ignore_ascii_case("wal") => return Ok(()),
            Ok(mode) => return Err(JournalError::NoWriteAheadLog { path: path.into(), mode }),
            Err(error)
                if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) && begun.elapsed() < BUSY_TIMEOUT =>
            {
                thread::sleep(Duration::from_millis(5));
            }
            Err(error) => return Err(classify(path.into(), "opening", BUSY_TIMEOUT.as_secs(), error)),
        }
    }
}

/// Brings the schema to version `steps.len()`, wholly or not at all. The version is read again under the write lock,
/// since another process may have done the work meanwhile.
fn migrate(connection: &mut Connection, steps: &[&str]) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let version: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    for step in steps.iter().skip(usize::try_from(version).unwrap_or(0)) {
        transaction.execute_batch(step)?;
    }
    if (version as usize) < steps.len() {
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", steps.len() as i64)?;
    }
    transaction.commit()
}

#[cfg(test)]
#[path = "store_tests.rs"]
mod tests;
