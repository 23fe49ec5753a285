//! Credentials: named by the manifest, read by whoever starts the program, sent and never shown.

use std::{path::PathBuf, sync::Arc};

use serde::Deserialize;
use toolwright_http::{HeaderName, Request};

/// Shorter values are not looked for in answers: they would be found in what is no secret.
const MIN_REDACTED: usize = 6;

/// A header that every call has.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credential {
    /// The header's name, such as `Authorization`.
    pub header: String,
    /// What stands before the secret, such as `Bearer ` with its blank.
    #[serde(default)]
    pub prefix: String,
    /// The environment variable that holds the secret.
    pub env: Option<String>,
    /// Or the file that does.
    pub file: Option<PathBuf>,
}

/// Where a secret stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretSource {
    /// An environment variable.
    Env(String),
    /// A file; what counts is its text without blanks around it.
    File(PathBuf),
}

/// Reads secrets for a library that reads none itself.
pub trait Secrets: Send + Sync {
    /// The secret at that place.
    ///
    /// # Errors
    /// Why there is none, in words that hold nothing of it.
    fn read(&self, source: &SecretSource) -> Result<String, String>;
}

/// No secrets: a call that needs one is told so.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoSecrets;

impl Secrets for NoSecrets {
    fn read(&self, _: &SecretSource) -> Result<String, String> {
        Err("secrets are not read here".into())
    }
}

impl Credential {
    pub(crate) fn check(&self) -> Result<(), String> {
        let Self { header, prefix, env, file } = self;
        if HeaderName::try_from(header.as_str()).is_err() {
            return Err(format!("`credentials.header` is {header:?}, which is no name of a header"));
        }
        if prefix.chars().any(char::is_control) {
            return Err(format!("`credentials.prefix` of {header} holds control characters"));
        }
        match (env, file) {
            (Some(name), None) if !name.is_empty() && !name.contains(['=', '\0']) => Ok(()),
            (None, Some(path)) if path.is_absolute() => Ok(()),
            (None, Some(_)) => Err(format!("`credentials.file` of {header} must be an absolute path")),
            _ => Err(format!("the credential for {header} must have either `env`, the name of a variable, or `file`")),
        }
    }

    fn source(&self) -> Option<SecretSource> {
        let file = || self.file.clone().map(SecretSource::File);
        self.env.clone().map(SecretSource::Env).or_else(file)
    }
}

/// The secrets of one call.
pub(crate) struct Read(Vec<(String, String, String)>);

impl Read {
    /// Reads them anew for each call, so that one that was changed holds at once and none lies about in memory.
    pub(crate) fn all(credentials: &[Credential], secrets: &Arc<dyn Secrets>) -> Result<Self, String> {
        let read = credentials.iter().map(|credential| {
            let source = credential.source().ok_or("no source")?;
            let secret = secrets.read(&source)?.trim().to_owned();
            let place = match source {
                SecretSource::Env(name) => format!("the environment variable {name}"),
                SecretSource::File(path) => path.display().to_string(),
            };
            if secret.is_empty() || secret.chars().any(char::is_control) {
                return Err(format!("{place} must hold one line, which is the secret"));
            }
            Ok((credential.header.clone(), credential.prefix.clone(), secret))
        });
        read.collect::<Result<_, String>>().map(Self)
    }

    pub(crate) fn put_into(&self, request: Request) -> Request {
        let put = |request: Request, (header, prefix, secret): &(String, String, String)| {
            request.secret_header(header, &format!("{prefix}{secret}"))
        };
        self.0.iter().fold(request, put)
    }

    /// A text without the secrets in it: a server may show what it was sent.
    pub(crate) fn redact(&self, text: String) -> String {
        let long = self.0.iter().filter(|(_, _, secret)| secret.len() >= MIN_REDACTED);
        long.fold(
            text,
            |text, (_, _, secret)| if text.contains(secret) { text.replace(secret, "[secret]") } else { text },
        )
    }
}
