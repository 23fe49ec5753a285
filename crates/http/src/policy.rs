use std::{net::IpAddr, time::Duration};

use url::{Host, Url};

use crate::{AddressClass, HostRules, HttpError, error::shown};

/// What a [`Client`](crate::Client) may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpPolicy {
    /// The hosts that may be asked; none by default.
    pub hosts: HostRules,
    /// Those of them that may have a private address: a server on this machine or in its network; none by default.
    /// Metadata services, link-local and reserved addresses stay refused even so.
    pub private_hosts: HostRules,
    /// Bytes of a body after decompression; what is beyond is left out and [`Response::truncated`] is set.
    ///
    /// [`Response::truncated`]: crate::Response::truncated
    pub max_body: usize,
    /// Redirects that are followed before a request fails.
    pub max_redirects: u8,
    /// Time for the whole exchange: names, connections, redirects and body.
    pub timeout: Duration,
    /// Time for one connection, with its encryption.
    pub connect_timeout: Duration,
    /// What the client calls itself.
    pub user_agent: String,
}

impl Default for HttpPolicy {
    fn default() -> Self {
        Self {
            hosts: HostRules::NONE,
            private_hosts: HostRules::NONE,
            max_body: 4 << 20,
            max_redirects: 5,
            timeout: Duration::from_secs(20),
            connect_timeout: Duration::from_secs(5),
            user_agent: concat!("toolwright/", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }
}

/// A URL that the policy allows, and how.
#[derive(Debug)]
pub(crate) struct Target {
    pub url: Url,
    /// Whether the host may have a private address.
    pub private: bool,
}

impl HttpPolicy {
    /// A policy for these hosts, by [`HostRules::parse`], and the default limits.
    ///
    /// # Errors
    /// [`HttpError::Rule`] on a text that names no host.
    pub fn for_hosts<S: AsRef<str>>(hosts: impl IntoIterator<Item = S>) -> Result<Self, HttpError> {
        Ok(Self { hosts: HostRules::parse(hosts)?, ..Self::default() })
    }

    /// Whether a request to this URL could be sent, as far as that can be said before its name is resolved.
    ///
    /// # Errors
    /// What the request would fail with.
    pub fn check(&self, url: &str) -> Result<Url, HttpError> {
        self.target(parse(url)?).map(|target| target.url)
    }

    pub(crate) fn target(&self, mut url: Url) -> Result<Target, HttpError> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(HttpError::Scheme { scheme: shown(url.scheme()) });
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(HttpError::Credentials);
        }
        // `example.com.` is `example.com`; one spelling of it makes rules, certificates and pools agree.
        if let Some(name) = url.host_str().and_then(|host| host.strip_suffix('.')).map(str::to_owned) {
            let valid = !name.is_empty() && !name.ends_with('.') && url.set_host(Some(&name)).is_ok();
            if !valid {
                return Err(HttpError::Url { url: shown(url.as_str()), reason: "the host is not a name".to_owned() });
            }
        }
        if !self.hosts.allow(&url) {
            return Err(HttpError::HostNotAllowed { host: authority(&url), allowed: self.hosts.to_string() });
        }
        let private = self.private_hosts.allow(&url);
        let literal = match url.host() {
            Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => Some(IpAddr::V6(address)),
            _ => None,
        };
        match literal.and_then(|address| refusal(address, private)) {
            Some(kind) => Err(HttpError::LiteralAddress { host: authority(&url), kind }),
            None => Ok(Target { url, private }),
        }
    }
}

/// Why no connection goes to an address, if none does.
pub(crate) fn refusal(address: IpAddr, private_allowed: bool) -> Option<&'static str> {
    match AddressClass::of(address) {
        AddressClass::Public => None,
        AddressClass::Private(_) if private_allowed => None,
        AddressClass::Private(kind) | AddressClass::Reserved(kind) => Some(kind),
    }
}

pub(crate) fn parse(url: &str) -> Result<Url, HttpError> {
    Url::parse(url.trim()).map_err(|error| HttpError::Url {
        url: shown(url),
        reason: match error {
            url::ParseError::RelativeUrlWithoutBase => "it must begin with http:// or https://".to_owned(),
            other => other.to_string(),
        },
    })
}

/// Host and port as the URL has them; what an error names, since the rest of a URL may hold secrets.
pub(crate) fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_judged_before_anything_is_sent() {
        let policy = HttpPolicy { hosts: HostRules::Any, ..HttpPolicy::default() };
        let words = |url: &str| policy.check(url).map(|url| url.to_string()).unwrap_or_else(|error| error.to_string());
        assert_eq!(words("https://Example.com./a"), "https://example.com/a");
        for (url, part) in [
            ("file:///etc/passwd", "`file:` is not supported"),
            ("ftp://example.com", "`ftp:` is not supported"),
            ("example.com", "must begin with http://"),
            ("http://user:secret@example.com", "user name or a password"),
            ("http://user@example.com", "user name or a password"),
            ("http://example.com../", "not a name"),
            ("http://127.0.0.1/", "127.0.0.1 is a loopback address, which is refused"),
            ("http://2130706433/", "127.0.0.1 is a loopback"),
            ("http://0177.1/", "127.0.0.1 is a loopback"),
            ("http://0x7f000001:8080/", "127.0.0.1:8080 is a loopback"),
            ("http://0/", "0.0.0.0 is an unspecified"),
            ("http://169.254.169.254/latest/meta-data", "link-local"),
            ("http://[::1]/", "loopback"),
            ("http://[::ffff:10.0.0.1]/", "private"),
            ("http://[64:ff9b::7f00:1]/", "loopback"),
            ("http://[2002:a00:1::]/", "tunnel"),
            ("http://１２７.0.0.1/", "loopback"),
        ] {
            assert!(words(url).contains(part), "{url}: {}", words(url));
        }
    }

    #[test]
    fn a_private_host_is_allowed_by_name_and_port_only() {
        let private_hosts = HostRules::parse(["127.0.0.1:8080", "169.254.169.254"]).unwrap();
        let policy = HttpPolicy { hosts: HostRules::Any, private_hosts, ..HttpPolicy::default() };
        assert!(policy.check("http://127.0.0.1:8080/").is_ok());
        for refused in
            ["http://127.0.0.1/", "http://127.0.0.1:8081/", "http://127.0.0.2:8080", "http://169.254.169.254/"]
        {
            assert!(policy.check(refused).is_err(), "{refused}");
        }
    }
}
