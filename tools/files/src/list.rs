//! What is in a folder, and where a text stands in its files.

use std::{
    collections::VecDeque,
    fmt::Write as _,
    io::{BufRead as _, BufReader, Read as _},
};

use cap_std::fs::Dir;
use toolwright_tool::{CallContext, ToolOutput};

use crate::{
    FileError, FilesConfig,
    encoding::{self, Encoding},
    error::grouped,
    place::{self, Inside, OUTPUTS},
};

/// Entries that are looked at before a listing gives up being complete.
const MAX_WALK: usize = 20_000;
/// Folders below one another that are entered.
const MAX_DEPTH: usize = 32;
/// Folders that are named and not entered: what is in them is no one's text.
const CLOSED: [&str; 4] = [".git", "node_modules", "__pycache__", ".venv"];
/// Bytes of one file, and of all together, that are searched.
const MAX_FILE: u64 = 8 << 20;
const MAX_SEARCHED: u64 = 256 << 20;
/// Characters shown of a line that was found.
const MAX_LINE: usize = 200;

enum Kind {
    File(u64),
    Folder,
    Other(&'static str),
}

struct Entry {
    /// From the listed folder on. As it is, so that it can be opened; it may hold anything but NUL.
    path: String,
    kind: Kind,
}

/// A folder's entries, sorted, and whether there were too many to see them all.
struct Listing {
    entries: Vec<Entry>,
    cut: bool,
}

/// The tool: a folder's entries with their sizes, or the lines of its files that hold `search`.
pub(crate) fn list_files(
    context: &CallContext,
    config: &FilesConfig,
    path: &Inside,
    recursive: bool,
    search: Option<&str>,
) -> Result<ToolOutput, FileError> {
    let listing = walk(context, path, recursive || search.is_some())?;
    match search {
        Some(text) => find(context, config, path, &listing, text),
        None => Ok(show(config, path, &listing).into()),
    }
}

fn walk(context: &CallContext, path: &Inside, recursive: bool) -> Result<Listing, FileError> {
    let mut listing = Listing { entries: Vec::new(), cut: false };
    // First, so that an output goes before a file of its name.
    let mut found = path.is_root() | add_outputs(context, path, recursive, &mut listing)?;
    if let Some(dir) = place::open_folder(&context.workspace)? {
        match dir.metadata(path.as_str()) {
            Ok(metadata) if metadata.is_dir() => {
                found = true;
                let folder = dir.open_dir(path.as_str());
                let folder = folder.map_err(|source| place::failure("opening", path.as_str(), source))?;
                enter(&folder, recursive, context, &mut listing)?;
            }
            Ok(_) => return Err(FileError::IsFile(path.as_str().to_owned())),
            Err(source) => match place::failure("opening", path.as_str(), source) {
                FileError::NotFound { .. } => {}
                error => return Err(error),
            },
        }
    }
    if !found {
        return Err(FileError::NotFound { path: path.as_str().to_owned(), hint: String::new() });
    }
    // Folder by folder: `a/b` before `a.txt`, as a tree reads.
    listing.entries.sort_by(|a, b| a.path.split('/').cmp(b.path.split('/')));
    listing.entries.dedup_by(|a, b| a.path == b.path);
    Ok(listing)
}

/// Adds what is in `top`, and with `recursive` what is in the folders in it, the upper ones first. Links are named, never
/// followed. Folders are opened when their turn comes, so that few are open at once.
fn enter(top: &Dir, recursive: bool, context: &CallContext, listing: &mut Listing) -> Result<(), FileError> {
    let mut waiting = VecDeque::from([(String::new(), 1)]);
    while let Some((prefix, depth)) = waiting.pop_front() {
        let folder = prefix.strip_suffix('/').unwrap_or(".");
        let entries = match top.read_dir(folder) {
            Ok(entries) => entries,
            Err(source) if prefix.is_empty() => return Err(place::failure("listing", folder, source)),
            Err(_) => continue, // a folder in it that may not be read, or is gone by now
        };
        for entry in entries.flatten() {
            if context.cancel.is_cancelled() {
                return Err(FileError::Cancelled);
            }
            if listing.entries.len() >= MAX_WALK {
                listing.cut = true;
                return Ok(());
            }
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = format!("{prefix}{name}");
            let Ok(metadata) = entry.metadata() else { continue };
            let kind = match place::special(metadata.file_type()) {
                Some(kind) => Kind::Other(kind),
                None if metadata.is_dir() => Kind::Folder,
                None if metadata.is_file() => Kind::File(metadata.len()),
                None => Kind::Other("link"),
            };
            if matches!(kind, Kind::Folder) && recursive && !CLOSED.contains(&name.as_str()) {
                if depth < MAX_DEPTH {
                    waiting.push_back((format!("{path}/"), depth + 1));
                } else {
                    listing.cut = true;
                }
            }
            listing.entries.push(Entry { path, kind });
        }
    }
    Ok(())
}

/// Adds the spilled outputs where they belong; says whether `path` is their folder and there are some.
fn add_outputs(
    context: &CallContext,
    path: &Inside,
    recursive: bool,
    listing: &mut Listing,
) -> Result<bool, FileError> {
    let is_folder = path.as_str() == OUTPUTS;
    if !is_folder && !path.is_root() {
        return Ok(false);
    }
    let Some(dir) = place::open_folder(&context.outputs)? else { return Ok(false) };
    let entries = dir.entries().map_err(|source| place::failure("listing", OUTPUTS, source))?;
    let prefix = if is_folder { String::new() } else { format!("{OUTPUTS}/") };
    let mut any = false;
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let Ok(metadata) = entry.metadata() else { continue };
        if !place::is_output(&name) || !metadata.is_file() {
            continue;
        }
        any = true;
        if is_folder || recursive {
            listing.entries.push(Entry { path: format!("{prefix}{name}"), kind: Kind::File(metadata.len()) });
        }
    }
    if any && !is_folder {
        listing.entries.push(Entry { path: OUTPUTS.to_owned(), kind: Kind::Folder });
    }
    Ok(any)
}

/// One line for each entry. A name may hold line breaks and worse; those are escaped.
fn show(config: &FilesConfig, path: &Inside, listing: &Listing) -> String {
    let mut text = String::new();
    for entry in listing.entries.iter().take(config.max_entries) {
        let name = visible(&entry.path);
        let _ = match entry.kind {
            Kind::File(bytes) => writeln!(text, "{name}  {} bytes", grouped(bytes)),
            Kind::Folder => writeln!(text, "{name}/"),
            Kind::Other(kind) => writeln!(text, "{name}  ({kind})"),
        };
    }
    let total = listing.entries.len();
    if total == 0 {
        return if path.is_root() { "[the workspace is empty]".into() } else { "[the folder is empty]".into() };
    }
    let count = format!("{}{}", if listing.cut { "more than " } else { "" }, grouped(total as u64));
    if total > config.max_entries || listing.cut {
        let shown = grouped(total.min(config.max_entries) as u64);
        let _ = write!(text, "[{shown} of {count} entries shown; list a folder of them to see the rest]");
    } else {
        let _ = write!(text, "[{count} {}]", if total == 1 { "entry" } else { "entries" });
    }
    text
}

fn visible(name: &str) -> String {
    name.chars().map(|c| if c.is_control() { c.escape_default().to_string() } else { c.to_string() }).collect()
}

/// `path:line: text` for each line that holds the text, capital or small.
fn find(
    context: &CallContext,
    config: &FilesConfig,
    folder: &Inside,
    listing: &Listing,
    wanted: &str,
) -> Result<ToolOutput, FileError> {
    let needle = wanted.to_lowercase();
    let prefix = if folder.is_root() { String::new() } else { format!("{}/", folder.as_str()) };
    let (mut text, mut found, mut files, mut skipped, mut searched) = (String::new(), 0, 0, 0, 0);
    for entry in &listing.entries {
        let Kind::File(size) = entry.kind else { continue };
        let path = format!("{prefix}{}", entry.path);
        if size > MAX_FILE || searched > MAX_SEARCHED {
            skipped += 1;
            continue;
        }
        let Ok((file, _)) = Inside::new(&path).and_then(|path| place::open(context, &path)) else {
            skipped += 1;
            continue;
        };
        let mut reader = BufReader::new(file.take(MAX_FILE));
        match reader.fill_buf() {
            Ok(start) if encoding::utf16(start).is_some() => {
                skipped += 1;
                continue;
            }
            Ok(start) if encoding::binary(start).is_none() => {}
            _ => continue,
        }
        files += 1;
        searched += size;
        for (index, line) in reader.split(b'\n').map_while(Result::ok).enumerate() {
            if context.cancel.is_cancelled() {
                return Err(FileError::Cancelled);
            }
            let line = Encoding::of(&line).decode(&line).unwrap_or_default();
            let line = String::from_utf8_lossy(&line);
            if line.to_lowercase().contains(&needle) {
                found += 1;
                if found <= config.max_entries {
                    let shown: String = visible(line.trim()).chars().take(MAX_LINE).collect();
                    let _ = writeln!(text, "{}:{}: {shown}", visible(&path), index + 1);
                }
            }
        }
    }
    let files_word = if files == 1 { "file" } else { "files" };
    let lines = if found == 1 { "line" } else { "lines" };
    let cut = if found > config.max_entries { format!("; {} shown", config.max_entries) } else { String::new() };
    let note = match skipped {
        0 => String::new(),
        1 => "; 1 file was too large or could not be read".to_owned(),
        _ => format!("; {} files were too large or could not be read", grouped(skipped)),
    };
    let note = if listing.cut { note + "; there are more files than were looked at" } else { note };
    let _ = write!(text, "[{} {lines} in {} text {files_word}{cut}{note}]", grouped(found as u64), grouped(files));
    Ok(text.into())
}
