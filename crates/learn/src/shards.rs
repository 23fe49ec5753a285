//! Samples on the disk, as the trainer reads them.
//!
//! A shard is two files: `shard-00000.tokens`, 16-bit little-endian numbers, the token in the lower 15 bits and whether it
//! counts in the loss in the highest; and `shard-00000.lengths`, the length of each sample in 32 bits. Shards are made
//! one after another and each depends on its number alone, so a set that was cut short goes on where it stopped.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::Sample;

/// The bit that says that a token counts in the loss. Vocabularies are smaller.
const LEARNED: u16 = 1 << 15;

/// Why a shard cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum ShardError {
    /// The disk.
    #[error("cannot write {path}: {source}")]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A token that does not fit.
    #[error("token {0} does not fit into 15 bits; the shard format is for vocabularies of up to 32,768")]
    Token(u32),
}

/// Samples that become a shard.
#[derive(Debug, Default)]
pub struct Shard {
    tokens: Vec<u8>,
    lengths: Vec<u8>,
    count: usize,
}

impl Shard {
    /// Adds a sample.
    ///
    /// # Errors
    /// [`ShardError::Token`]; then nothing was added.
    pub fn add(&mut self, sample: &Sample) -> Result<(), ShardError> {
        if let Some(large) = sample.tokens.iter().find(|token| **token >= u32::from(LEARNED)) {
            return Err(ShardError::Token(*large));
        }
        for (token, learned) in sample.tokens.iter().zip(&sample.learned) {
            let number = *token as u16 | if *learned { LEARNED } else { 0 };
            self.tokens.extend(number.to_le_bytes());
        }
        self.lengths.extend((sample.tokens.len() as u32).to_le_bytes());
        self.count += sample.tokens.len();
        Ok(())
    }

    /// Tokens so far.
    #[must_use]
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Writes it as number `number` of a folder. The lengths come last: where they are, the shard is whole.
    ///
    /// # Errors
    /// [`ShardError::Write`].
    pub fn write(&self, folder: &Path, number: usize) -> Result<(), ShardError> {
        let [tokens, lengths] = files(folder, number);
        for (path, bytes) in [(tokens, &self.tokens), (lengths, &self.lengths)] {
            let beside = path.with_extension("part");
            let written = fs::create_dir_all(folder)
                .and_then(|()| fs::write(&beside, bytes))
                .and_then(|()| fs::rename(&beside, &path));
            written.map_err(|source| ShardError::Write { path, source })?;
        }
        Ok(())
    }
}

/// Whether that shard is there, whole.
#[must_use]
pub fn exists(folder: &Path, number: usize) -> bool {
    files(folder, number)[1].is_file()
}

fn files(folder: &Path, number: usize) -> [PathBuf; 2] {
    ["tokens", "lengths"].map(|ending| folder.join(format!("shard-{number:05}.{ending}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shard_holds_tokens_flags_and_lengths() {
        let folder = tempfile::tempdir().unwrap();
        let mut shard = Shard::default();
        shard.add(&Sample { tokens: vec![1, 300, 5], learned: vec![false, true, true] }).unwrap();
        shard.add(&Sample { tokens: vec![32_767], learned: vec![true] }).unwrap();
        assert!(matches!(
            shard.add(&Sample { tokens: vec![1, 32_768], learned: vec![true; 2] }),
            Err(ShardError::Token(32_768))
        ));
        assert!(!exists(folder.path(), 3));
        shard.write(folder.path(), 3).unwrap();
        assert!(exists(folder.path(), 3));
        let tokens = fs::read(folder.path().join("shard-00003.tokens")).unwrap();
        let tokens: Vec<u16> = tokens.chunks(2).map(|two| u16::from_le_bytes([two[0], two[1]])).collect();
        assert_eq!(tokens, [1, 300 | LEARNED, 5 | LEARNED, 32_767 | LEARNED]);
        assert_eq!(fs::read(folder.path().join("shard-00003.lengths")).unwrap(), [3, 0, 0, 0, 1, 0, 0, 0]);
        assert_eq!(shard.len(), 4);
    }
}
