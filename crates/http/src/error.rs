use std::{net::IpAddr, time::Duration};

/// Why a request has no response. The words are fit for a model: they name the host and never the rest of the URL, in
/// which a key may stand.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HttpError {
    /// A text that is no URL.
    #[error("`{url}` is not a URL that can be fetched: {reason}")]
    Url {
        /// The text, cut short.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A host rule that names no host.
    #[error("`{rule}` is not a host rule: {reason}")]
    Rule {
        /// The rule, cut short.
        rule: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Neither `http` nor `https`.
    #[error("`{scheme}:` is not supported, only http and https")]
    Scheme {
        /// The scheme of the URL.
        scheme: String,
    },
    /// `http://user:password@host`.
    #[error("the URL holds a user name or a password, which is refused; leave out the part before `@`")]
    Credentials,
    /// A host that no rule names.
    #[error("the host {host} is not on the list of allowed hosts; allowed: {allowed}")]
    HostNotAllowed {
        /// The host, with the port where the URL has one.
        host: String,
        /// The rules.
        allowed: String,
    },
    /// A URL with a special address in the place of the host.
    #[error("{host} is {} {kind} address, which is refused", article(.kind))]
    LiteralAddress {
        /// The address, with the port where the URL has one.
        host: String,
        /// What sort of address it is.
        kind: &'static str,
    },
    /// A name whose addresses are all special.
    #[error("{host} resolves to {} {kind} address ({address}), which is refused", article(.kind))]
    Address {
        /// The name.
        host: String,
        /// The first of the addresses.
        address: IpAddr,
        /// What sort of address it is.
        kind: &'static str,
    },
    /// A name without address.
    #[error("{host} cannot be found: {reason}")]
    Unresolved {
        /// The name.
        host: String,
        /// What the resolver said.
        reason: String,
    },
    /// No connection.
    #[error("no connection to {host}: {reason}")]
    Connect {
        /// The host.
        host: String,
        /// What the system said.
        reason: String,
    },
    /// More redirects than allowed, or a loop.
    #[error("{host} redirects more than {limit} times")]
    TooManyRedirects {
        /// The last host.
        host: String,
        /// How many were followed.
        limit: u8,
    },
    /// A redirect to what the policy refuses.
    #[error("{from} redirects to where this must not go: {reason}")]
    Redirect {
        /// The host that redirects.
        from: String,
        /// Why it is not followed.
        reason: Box<HttpError>,
    },
    /// The time is up.
    #[error("{host} took longer than {:.0} seconds", limit.as_secs_f64().max(1.0))]
    Timeout {
        /// The host of the request.
        host: String,
        /// The time that it had.
        limit: Duration,
    },
    /// What came back is no HTTP, or the connection broke off.
    #[error("{host} did not answer properly: {reason}")]
    Answer {
        /// The host.
        host: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A header that a caller may not set, or that is malformed.
    #[error("the header `{name}` cannot be sent: {reason}")]
    Header {
        /// Its name, cut short.
        name: String,
        /// Why.
        reason: &'static str,
    },
    /// A body that is not the JSON asked for.
    #[error("the answer is not the JSON that was expected: {reason}")]
    Json {
        /// What the parser said.
        reason: String,
    },
    /// The client cannot be made on this machine.
    #[error("the HTTP client cannot be set up: {reason}")]
    Setup {
        /// What is missing.
        reason: String,
    },
}

impl HttpError {
    /// Whether the same request may succeed a moment later.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Connect { .. } | Self::Answer { .. })
    }
}

fn article(kind: &str) -> &'static str {
    if kind.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" }
}

/// A text from outside as an error may quote it: one line, cut short.
pub(crate) fn shown(text: &str) -> String {
    let mut short: String = text.chars().take(100).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(100).is_some() {
        short.push('…');
    }
    short
}
