//! Opening the database file: what is checked before it is used, the settings, the schema.

use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions},
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use crate::{MemoryError, error::classify};

/// How long one process waits for another, which holds the lock for some milliseconds.
pub(crate) const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// The file in the data directory.
pub(crate) const FILE: &str = "memory.sqlite3";

/// Held while the file is looked at, so that no two processes move it aside, the second one a sound one.
const LOCK: &str = "memory.lock";

/// Marks the file as ours ("Memo" in ASCII), so that no other program's database is ever changed.
const APPLICATION_ID: i32 = 0x4d65_6d6f;

/// Entry *n* takes a file from version *n* to *n* + 1.
const MIGRATIONS: &[&str] = &[include_str!("schema.sql")];

pub(crate) fn open(dir: &Path) -> Result<(Connection, PathBuf), MemoryError> {
    // SQLite reads a name that begins with "file:" as an address; "./file:" is a name.
    let dir = if dir.is_relative() { Path::new(".").join(dir) } else { dir.to_owned() };
    let (path, lock) = (dir.join(FILE), dir.join(LOCK));
    let lock = create_private(&dir, &path, &lock)?;
    let opened = connect(&path);
    let result = match opened {
        Err(MemoryError::Damaged { path, detail }) => Err(move_aside(path, detail)),
        other => other.map(|connection| (connection, path)),
    };
    drop(lock);
    result
}

/// Makes the folder, an empty file that only the owner can read (SQLite gives the files it puts beside it the same
/// mode), and takes the lock. What is already there keeps its mode.
fn create_private(dir: &Path, path: &Path, lock: &Path) -> Result<File, MemoryError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| MemoryError::Create { path, source }
    };
    let mut folder = fs::DirBuilder::new();
    folder.recursive(true);
    let (mut new, mut open) = (OpenOptions::new(), OpenOptions::new());
    new.write(true).create_new(true);
    open.write(true).create(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
        folder.mode(0o700);
        new.mode(0o600);
        open.mode(0o600);
    }
    folder.create(dir).map_err(failed(dir))?;
    let held = open.open(lock).map_err(failed(lock))?;
    held.lock().map_err(failed(lock))?;
    match new.open(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(failed(path)(error)),
        _ => Ok(held),
    }
}

fn connect(path: &Path) -> Result<Connection, MemoryError> {
    let failed = |error| classify(path.into(), error);
    // No CREATE: the file is there, and if someone takes it away in between, that is an error to show.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags).map_err(failed)?;
    connection.busy_timeout(BUSY_TIMEOUT).map_err(failed)?;
    connection.set_prepared_statement_cache_capacity(16);

    let version = inspect(&connection, path)?;
    if connection.is_readonly("main").map_err(failed)? {
        return Err(MemoryError::NotWritable { path: path.into(), detail: "the file is read-only".into() });
    }
    let mode: String =
        connection.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0)).map_err(failed)?;
    if !mode.eq_ignore_ascii_case("wal") {
        return Err(MemoryError::NoWriteAheadLog { path: path.into(), mode });
    }
    connection
        .execute_batch(
            "PRAGMA synchronous = FULL;
             PRAGMA trusted_schema = OFF;
             PRAGMA cell_size_check = ON;
             PRAGMA secure_delete = ON;
             PRAGMA temp_store = MEMORY;",
        )
        .map_err(failed)?;
    if (version as usize) < MIGRATIONS.len() {
        migrate(&mut connection).map_err(failed)?;
    }
    // Small enough to be looked at as a whole each time, the index of words included.
    let verdict: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(failed)?;
    if verdict != "ok" {
        return Err(MemoryError::Damaged { path: path.into(), detail: verdict });
    }
    Ok(connection)
}

/// The file's schema version, 0 for an empty one. Reads only: a file that is not ours is left as it is.
fn inspect(connection: &Connection, path: &Path) -> Result<u32, MemoryError> {
    let (application, version, objects) = connection
        .query_row(
            "SELECT application_id, user_version, (SELECT count(*) FROM sqlite_schema)
             FROM pragma_application_id, pragma_user_version",
            [],
            |row| Ok((row.get::<_, i32>(0)?, row.get::<_, i32>(1)?, row.get::<_, i64>(2)?)),
        )
        .map_err(|error| classify(path.into(), error))?;
    let is_empty = application == 0 && version == 0 && objects == 0;
    let found = u32::try_from(version).unwrap_or(0);
    let known = MIGRATIONS.len() as u32;
    match found {
        _ if is_empty => Ok(0),
        _ if application != APPLICATION_ID || found == 0 => Err(MemoryError::Foreign { path: path.into() }),
        _ if found > known => Err(MemoryError::NewerSchema { path: path.into(), found, known }),
        _ => Ok(found),
    }
}

/// Brings the schema up to date, wholly or not at all.
fn migrate(connection: &mut Connection) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let version: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    for step in MIGRATIONS.iter().skip(usize::try_from(version).unwrap_or(0)) {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", MIGRATIONS.len() as i64)?;
    transaction.commit()
}

/// Renames the file and those that SQLite keeps beside it, so that they are found together.
fn move_aside(path: PathBuf, detail: String) -> MemoryError {
    let now = Timestamp::now().strftime("%Y-%m-%dT%H-%M-%S").to_string();
    let names = (1..).map(|n| if n == 1 { now.clone() } else { format!("{now}-{n}") });
    let mut free = names.map(|name| path.with_file_name(format!("memory.damaged-{name}.sqlite3")));
    let Some(aside) = free.find(|aside| !aside.exists()) else { return MemoryError::Damaged { path, detail } };
    for suffix in ["", "-wal", "-shm"] {
        let with_suffix = |path: &Path| {
            let mut name = OsString::from(path);
            name.push(suffix);
            PathBuf::from(name)
        };
        match fs::rename(with_suffix(&path), with_suffix(&aside)) {
            Err(error) if suffix.is_empty() => return MemoryError::Aside { path, source: error },
            // There is none, or it is one that SQLite makes anew.
            _ => {}
        }
    }
    MemoryError::MovedAside { path, aside, detail }
}
