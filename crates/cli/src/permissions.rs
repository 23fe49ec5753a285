//! What the user has allowed for good: `permissions.toml` in the data directory, and `toolwright permissions`.

use std::{
    collections::BTreeMap,
    fs,
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize};
use toolwright_protocol::Effect;
use toolwright_tool::{Decision, PermissionPolicy};

use crate::{
    Usage,
    args::PermissionsCommand,
    style::{BOLD, paint},
};

/// The file as it stands: only what differs from the default policy.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Stored {
    effects: BTreeMap<Effect, Decision>,
    tools: BTreeMap<String, Decision>,
}

/// The file and what it says.
#[derive(Debug, Clone)]
pub struct Permissions {
    path: PathBuf,
    stored: Stored,
}

/// What a rule is about.
enum Subject {
    Effect(Effect),
    Tool(String),
}

impl Subject {
    /// An effect by its name; anything else is a tool, which may be one that is not installed now.
    fn of(name: &str) -> Self {
        match name {
            "reads" => Self::Effect(Effect::Reads),
            "writes" => Self::Effect(Effect::Writes),
            "network" => Self::Effect(Effect::Network),
            "spends" => Self::Effect(Effect::Spends),
            tool => Self::Tool(tool.to_owned()),
        }
    }
}

impl Permissions {
    /// Reads the file; where there is none, nothing differs from the defaults.
    ///
    /// # Errors
    /// When it cannot be read or understood: a policy that was not understood must not be guessed.
    pub fn load(data_dir: &Path) -> Result<Self> {
        let path = data_dir.join("permissions.toml");
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
            Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
        };
        let stored = toml::from_str(&text)
            .with_context(|| format!("{} cannot be understood; mend it, or delete it to start anew", path.display()))?;
        Ok(Self { path, stored })
    }

    /// The policy of a run: the defaults, then the file, then what its command line allows and denies.
    #[must_use]
    pub fn policy(&self, allow: &[String], deny: &[String]) -> PermissionPolicy {
        let mut policy = PermissionPolicy::default();
        policy.effects.extend(&self.stored.effects);
        policy.tools.extend(self.stored.tools.clone());
        let given = allow.iter().map(|name| (name, Decision::Allow));
        for (name, decision) in given.chain(deny.iter().map(|name| (name, Decision::Deny))) {
            match Subject::of(name) {
                Subject::Effect(effect) => policy.effects.insert(effect, decision),
                Subject::Tool(name) => policy.tools.insert(name, decision),
            };
        }
        policy
    }

    /// Keeps a decision for later runs.
    ///
    /// # Errors
    /// When the file cannot be written; it is then as it was.
    pub fn set(&mut self, name: &str, decision: Option<Decision>) -> Result<()> {
        match (Subject::of(name), decision) {
            (Subject::Effect(effect), Some(decision)) => self.stored.effects.insert(effect, decision),
            (Subject::Effect(effect), None) => self.stored.effects.remove(&effect),
            (Subject::Tool(tool), Some(decision)) => self.stored.tools.insert(tool, decision),
            (Subject::Tool(tool), None) => self.stored.tools.remove(&tool),
        };
        self.save()
    }

    fn save(&self) -> Result<()> {
        let text = toml::to_string_pretty(&self.stored)?;
        let written = self.path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| {
            let beside = self.path.with_extension(format!("toml.{}", std::process::id()));
            fs::write(&beside, text)?;
            fs::rename(&beside, &self.path)
        });
        written.with_context(|| format!("cannot write {}", self.path.display()))
    }
}

/// `toolwright permissions`.
///
/// # Errors
/// On a file that cannot be read or written.
pub fn command(command: Option<PermissionsCommand>, data_dir: &Path, out: &mut dyn Write) -> Result<()> {
    let mut permissions = Permissions::load(data_dir)?;
    match command {
        None | Some(PermissionsCommand::List) => {
            let policy = permissions.policy(&[], &[]);
            let effects = policy.effects.iter().map(|(effect, decision)| (format!("{effect:?}"), *decision));
            let tools = policy.tools.iter().map(|(tool, decision)| (tool.clone(), *decision));
            for (name, decision) in effects.map(|(name, decision)| (name.to_lowercase(), decision)).chain(tools) {
                writeln!(out, "{:<24} {}", paint(BOLD, name), format!("{decision:?}").to_lowercase())?;
            }
            Ok(())
        }
        Some(PermissionsCommand::Set { name, decision }) => {
            let decision = match decision.as_str() {
                "allow" => Decision::Allow,
                "ask" => Decision::Ask,
                "deny" => Decision::Deny,
                other => bail!(Usage(format!("`{other}` is no decision; give allow, ask or deny"))),
            };
            permissions.set(&name, Some(decision))
        }
        Some(PermissionsCommand::Reset { name: Some(name) }) => permissions.set(&name, None),
        Some(PermissionsCommand::Reset { name: None }) => {
            permissions.stored = Stored::default();
            permissions.save()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_set_is_there_again_and_the_command_line_wins() {
        let folder = tempfile::tempdir().unwrap();
        let mut permissions = Permissions::load(folder.path()).unwrap();
        permissions.set("network", Some(Decision::Deny)).unwrap();
        permissions.set("fetch", Some(Decision::Allow)).unwrap();
        let again = Permissions::load(folder.path()).unwrap();
        assert_eq!(again.stored, permissions.stored);
        let policy = again.policy(&["writes".into()], &["fetch".into()]);
        assert_eq!(policy.effects[&Effect::Network], Decision::Deny);
        assert_eq!(policy.effects[&Effect::Writes], Decision::Allow);
        assert_eq!(policy.effects[&Effect::Spends], Decision::Ask, "the defaults stay");
        assert_eq!(policy.tools["fetch"], Decision::Deny);
    }

    #[test]
    fn a_file_that_is_not_understood_is_refused_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("permissions.toml");
        for bad in ["[effects]\nnetwork = \"maybe\"\n", "[effect]\n", "\u{0}"] {
            fs::write(&path, bad).unwrap();
            let error = format!("{:#}", Permissions::load(folder.path()).err().unwrap());
            assert!(error.contains("permissions.toml"), "{error}");
            assert_eq!(fs::read_to_string(&path).unwrap(), bad);
        }
    }
}
