use std::fmt;

use url::{Host, Url};

use crate::HttpError;

/// Which hosts may be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HostRules {
    /// Every host.
    Any,
    /// Those that a rule names; none where there is no rule.
    Only(Vec<HostRule>),
}

/// One host, or all under a domain: `example.com`, `*.example.com`, `example.com:8080`, `127.0.0.1:9000`, `[::1]`.
///
/// A wildcard stands for one or more labels and does not cover the domain itself. Without a port, the rule is for the
/// scheme's own port, 80 or 443; with a port it is for that one alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostRule {
    wildcard: bool,
    host: Host<String>,
    port: Option<u16>,
}

impl HostRules {
    /// No host at all.
    pub const NONE: Self = Self::Only(Vec::new());

    /// Rules from their texts.
    ///
    /// # Errors
    /// [`HttpError::Rule`] on a text that names no host.
    pub fn parse<S: AsRef<str>>(rules: impl IntoIterator<Item = S>) -> Result<Self, HttpError> {
        rules.into_iter().map(|rule| HostRule::parse(rule.as_ref())).collect::<Result<_, _>>().map(Self::Only)
    }

    /// Whether a URL's host and port are among them.
    #[must_use]
    pub fn allow(&self, url: &Url) -> bool {
        match self {
            Self::Any => true,
            Self::Only(rules) => rules.iter().any(|rule| rule.matches(url)),
        }
    }
}

impl fmt::Display for HostRules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("any"),
            Self::Only(rules) if rules.is_empty() => f.write_str("none"),
            Self::Only(rules) => {
                for (index, rule) in rules.iter().enumerate() {
                    write!(f, "{}{rule}", if index == 0 { "" } else { ", " })?;
                }
                Ok(())
            }
        }
    }
}

impl HostRule {
    /// A rule from its text.
    ///
    /// # Errors
    /// [`HttpError::Rule`] on a text that names no host.
    pub fn parse(text: &str) -> Result<Self, HttpError> {
        let refused = |reason: &str| HttpError::Rule { rule: crate::error::shown(text), reason: reason.to_owned() };
        let text = text.trim();
        if text.contains(['/', '@', '?', '#', '\\']) || text.contains(char::is_whitespace) {
            return Err(refused("it must be a host name, such as example.com, without scheme and path"));
        }
        let (wildcard, rest) = match text.strip_prefix("*.") {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        // A colon outside of brackets parts the port; an IPv6 address without brackets is not a host in a URL either.
        let split = rest.rfind(':').filter(|colon| {
            !rest.ends_with(']') && rest.find(':').is_some_and(|c| c == *colon || rest.starts_with('['))
        });
        let (name, port) = match split {
            Some(colon) => {
                let port = rest[colon + 1..].parse().map_err(|_| refused("the port must be a number up to 65535"))?;
                (&rest[..colon], Some(port))
            }
            None => (rest, None),
        };
        if name.contains('*') {
            return Err(refused("a wildcard stands only in front, as in *.example.com"));
        }
        let name = name.strip_suffix('.').unwrap_or(name);
        let host = Host::parse(name).map_err(|error| refused(&error.to_string()))?;
        match &host {
            Host::Domain(domain) if wildcard && !domain.contains('.') => {
                Err(refused("a wildcard needs a domain of two parts, as in *.example.com"))
            }
            Host::Ipv4(_) | Host::Ipv6(_) if wildcard => Err(refused("an address has no wildcard")),
            _ => Ok(Self { wildcard, host, port }),
        }
    }

    fn matches(&self, url: &Url) -> bool {
        let right_port = match self.port {
            Some(port) => url.port_or_known_default() == Some(port),
            None => url.port().is_none(),
        };
        right_port
            && match (&self.host, url.host()) {
                (Host::Domain(rule), Some(Host::Domain(host))) => {
                    let host = host.strip_suffix('.').unwrap_or(host);
                    if self.wildcard {
                        host.strip_suffix(rule.as_str()).is_some_and(|front| front.len() > 1 && front.ends_with('.'))
                    } else {
                        host == rule
                    }
                }
                (Host::Ipv4(rule), Some(Host::Ipv4(host))) => *rule == host,
                (Host::Ipv6(rule), Some(Host::Ipv6(host))) => *rule == host,
                _ => false,
            }
    }
}

impl fmt::Display for HostRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.wildcard { "*." } else { "" }, self.host)?;
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn allows(rule: &str, url: &str) -> bool {
        HostRules::parse([rule]).unwrap().allow(&Url::parse(url).unwrap())
    }

    #[test]
    fn a_rule_covers_its_host_and_nothing_that_looks_like_it() {
        for (rule, url) in [
            ("example.com", "http://example.com/"),
            ("example.com", "https://EXAMPLE.com./a?b#c"),
            ("EXAMPLE.com.", "https://example.com:443"),
            ("*.example.com", "https://a.b.example.com"),
            ("example.com:8080", "http://example.com:8080"),
            ("example.com:443", "https://example.com"),
            ("127.0.0.1:9000", "http://0x7f.1:9000"),
            ("[::1]:9000", "http://[0:0::1]:9000"),
            ("[::1]", "http://[::1]/"),
            ("bücher.example", "http://xn--bcher-kva.example/"),
            ("xn--bcher-kva.example", "http://BÜCHER.example/"),
        ] {
            assert!(allows(rule, url), "{rule} must allow {url}");
        }
        for (rule, url) in [
            ("example.com", "http://example.com.evil.org/"),
            ("example.com", "http://evil-example.com/"),
            ("example.com", "http://a.example.com/"),
            ("example.com", "http://example.com@evil.org/"),
            ("example.com", "http://evil.org\\@example.com/"),
            ("example.com", "http://evil.org#example.com"),
            ("example.com", "http://example.com:8080/"),
            ("example.com", "http://examp\u{13a}e.com/"),
            ("example.com", "http://example.co/"),
            ("*.example.com", "http://example.com/"),
            ("*.example.com", "http://evilexample.com/"),
            ("*.example.com", "http://.example.com/"),
            ("*.example.com", "http://a.example.com.evil.org/"),
            ("example.com:8080", "http://example.com/"),
            ("example.com:80", "https://example.com/"),
            ("127.0.0.1", "http://127.0.0.2/"),
            ("127.0.0.1", "http://[::ffff:127.0.0.1]/"),
            ("127.0.0.1", "http://127.0.0.1.evil.org/"),
        ] {
            assert!(!allows(rule, url), "{rule} must not allow {url}");
        }
        assert!(!HostRules::NONE.allow(&Url::parse("http://example.com").unwrap()));
    }

    #[test]
    fn what_names_no_host_is_refused() {
        for bad in [
            "",
            "*",
            "*.com",
            "*.*.example.com",
            "a*.example.com",
            "http://example.com",
            "example.com/x",
            "a b",
            "a:b",
            "u@example.com",
            "example.com:99999",
            "*.127.0.0.1",
            "::1",
            "[::1",
            "example.com:",
            "999.1.1.1",
        ] {
            assert!(HostRule::parse(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn a_rule_reads_back_from_its_text(wildcard: bool, name in "[a-z]{1,8}(\\.[a-z]{2,8}){1,3}", port: Option<u16>) {
            let text = format!("{}{name}{}", if wildcard { "*." } else { "" },
                port.map_or_else(String::new, |port| format!(":{port}")));
            let rule = HostRule::parse(&text).unwrap();
            prop_assert_eq!(rule.to_string(), text);
        }

        #[test]
        fn a_wildcard_covers_only_what_ends_in_its_domain(host in "[a-z.-]{1,30}") {
            if let Ok(url) = Url::parse(&format!("http://{host}/")) {
                let host = url.host_str().unwrap().trim_end_matches('.');
                let rules = HostRules::parse(["*.example.com", "example.com"]).unwrap();
                prop_assert_eq!(rules.allow(&url), host == "example.com" || host.ends_with(".example.com"));
            }
        }
    }
}
