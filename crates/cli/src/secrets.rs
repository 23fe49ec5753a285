//! The credentials of plugins: an environment variable or a file of the user's, named by the plugin's manifest.

use std::{fs::File, io::Read as _, path::Path};

use toolwright_toolbox::{SecretSource, Secrets};

/// A key has some hundred bytes at most; a larger file is something else.
const MAX_SECRET: u64 = 16 << 10;

/// Reads what the user has put there for it.
pub struct UserSecrets;

impl Secrets for UserSecrets {
    fn read(&self, source: &SecretSource) -> Result<String, String> {
        match source {
            SecretSource::Env(name) => variable(name),
            SecretSource::File(path) => file(path),
        }
    }
}

#[allow(clippy::disallowed_methods, reason = "a program reads its environment, for libraries that do not")]
fn variable(name: &str) -> Result<String, String> {
    // The error of one that is not Unicode would show it.
    std::env::var(name).map_err(|_| format!("set the environment variable {name} to it"))
}

fn file(path: &Path) -> Result<String, String> {
    let mut text = String::new();
    let read = File::open(path).and_then(|file| file.take(MAX_SECRET).read_to_string(&mut text));
    read.map(|_| text).map_err(|error| format!("put it into {} ({})", path.display(), error.kind()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_read_or_the_place_for_it_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let missing = UserSecrets.read(&SecretSource::File(path.clone())).unwrap_err();
        assert!(missing.contains("key") && missing.contains("not found"), "{missing}");
        std::fs::write(&path, "abc\n").unwrap();
        assert_eq!(UserSecrets.read(&SecretSource::File(path.clone())).unwrap(), "abc\n");
        std::fs::write(&path, b"secret \xff").unwrap();
        assert!(!UserSecrets.read(&SecretSource::File(path)).unwrap_err().contains("secret"));
        assert!(!UserSecrets.read(&SecretSource::Env("PATH".into())).unwrap().is_empty());
        let missing = UserSecrets.read(&SecretSource::Env("TOOLWRIGHT_NO_SUCH_KEY".into())).unwrap_err();
        assert_eq!(missing, "set the environment variable TOOLWRIGHT_NO_SUCH_KEY to it");
    }
}
