//! Whether the engine's files are what was written.

use std::{collections::HashSet, fs, path::Path};

use tantivy::index::SegmentComponent;

use super::{ENGINE, Index, damaged, sources};
use crate::error::SearchError;

/// Says which files were in order: their names, sizes and times, as a hash.
const CHECKED: &str = "checked";

/// Checks every file's checksum, unless nothing has changed since they were last in order.
pub(super) fn check(index: &Index) -> Result<(), SearchError> {
    let folder = &index.folder;
    let state = state(&folder.join(ENGINE))?;
    if fs::read_to_string(folder.join(CHECKED)).is_ok_and(|known| known == state) {
        return Ok(());
    }
    let metas = index.engine.load_metas().map_err(|error| damaged(folder, &error.to_string()))?;
    let with_deletions = metas.segments.iter().filter(|segment| segment.has_deletes());
    let deletions: HashSet<_> = with_deletions.map(|segment| segment.relative_path(SegmentComponent::Delete)).collect();
    for path in metas.list_segment_files() {
        let name = path.to_string_lossy();
        // The list has files that only some segments need.
        let may_miss = name.ends_with(".temp") || (name.ends_with(".del") && !deletions.contains(&path));
        if !folder.join(ENGINE).join(&path).exists() {
            if may_miss {
                continue;
            }
            return Err(damaged(folder, &format!("{name} is missing")));
        }
        if !index.engine.directory().validate_checksum(&path).is_ok_and(|is_sound| is_sound) {
            return Err(damaged(folder, &format!("{name} was changed or cut short")));
        }
    }
    for segment in index.reader.searcher().segment_readers() {
        let sizes = || -> tantivy::Result<bool> {
            let norms = segment.get_fieldnorms_reader(index.fields.body)?.num_docs();
            let keys = segment.fast_fields().u64("key")?.num_docs();
            let alive = segment.alive_bitset().map_or(segment.max_doc() as usize, |alive| alive.num_alive_docs());
            let counts = [norms, keys].into_iter().all(|count| count == segment.max_doc());
            Ok(counts && alive == segment.num_docs() as usize)
        };
        if !sizes().unwrap_or(false) {
            return Err(damaged(folder, "meta.json does not fit the other files"));
        }
    }
    remember(index)
}

/// Remembers that the files are in order as they are now.
pub(super) fn remember(index: &Index) -> Result<(), SearchError> {
    let state = state(&index.folder.join(ENGINE))?;
    sources::replace(&index.folder.join(CHECKED), state.as_bytes())
}

fn state(engine: &Path) -> Result<String, SearchError> {
    let mut entries = Vec::new();
    for entry in fs::read_dir(engine).map_err(SearchError::io(engine))? {
        let entry = entry.map_err(SearchError::io(engine))?;
        let name = entry.file_name();
        if name.to_string_lossy().ends_with(".lock") {
            continue;
        }
        // A file that another process removes meanwhile was not needed any more.
        let Ok(meta) = entry.metadata() else { continue };
        entries.push(format!("{name:?} {} {:?}", meta.len(), meta.modified().ok()));
    }
    entries.sort();
    Ok(blake3::hash(entries.join("\n").as_bytes()).to_hex().to_string())
}
