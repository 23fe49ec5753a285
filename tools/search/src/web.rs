//! Web search through providers that the user configures. Off unless one is.

mod cache;
mod providers;

use std::{path::Path, time::Duration};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use toolwright_http::{Client, HostRules, HttpError, HttpPolicy, Request, Retries, Url};

use self::cache::Cache;

/// A result of the web.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebResult {
    /// Title of the page.
    pub title: String,
    /// Where it is.
    pub url: String,
    /// What the provider shows of it, as plain text.
    pub text: String,
}

/// Why the web was not searched. The words are fit for a model.
#[derive(Debug, thiserror::Error)]
pub enum WebError {
    /// The configuration says something that cannot be.
    #[error("the web search is configured wrongly: {0}")]
    Config(String),
    /// No answer.
    #[error("{provider} cannot be reached: {source}")]
    Http {
        /// Which provider.
        provider: &'static str,
        /// Why.
        source: HttpError,
    },
    /// An answer that says no.
    #[error("{provider} refuses the search (status {status}): {reason}")]
    Refused {
        /// Which provider.
        provider: &'static str,
        /// HTTP's status.
        status: u16,
        /// What the provider says.
        reason: String,
    },
    /// An answer that is not in the provider's form.
    #[error("{provider} answered with something else than results: {reason}")]
    Form {
        /// Which provider.
        provider: &'static str,
        /// What is wrong with it.
        reason: String,
    },
}

/// Something that searches the web.
#[async_trait]
pub trait WebSearch: Send + Sync {
    /// At most `limit` results, the best first.
    ///
    /// # Errors
    /// [`WebError`], in words for a model.
    async fn search(&self, query: &str, limit: usize) -> Result<Vec<WebResult>, WebError>;
}

/// Which provider's interface is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    /// A SearXNG instance with the JSON format switched on; needs `url`.
    Searxng,
    /// The Brave Search API; needs `key`.
    Brave,
    /// A MediaWiki's search, by default that of the English Wikipedia.
    Wikipedia,
}

/// How the web is searched.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebConfig {
    /// Whose interface.
    pub provider: Provider,
    /// Where it is, if not where it usually is: `https://searx.example`, `https://de.wikipedia.org/w/api.php`.
    #[serde(default)]
    pub url: Option<String>,
    /// The secret that the provider knows the user by.
    #[serde(default)]
    pub key: Option<String>,
    /// Seconds for one answer.
    #[serde(default = "ten")]
    pub timeout_s: u64,
    /// Hours that an answer is kept for; 0 keeps none.
    #[serde(default = "a_day")]
    pub cache_hours: u64,
    /// MiB of answers that are kept.
    #[serde(default = "ten")]
    pub cache_mib: u64,
}

fn ten() -> u64 {
    10
}

fn a_day() -> u64 {
    24
}

/// Without the key.
impl std::fmt::Debug for WebConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let key = self.key.as_ref().map(|_| "…");
        f.debug_struct("WebConfig")
            .field("provider", &self.provider)
            .field("url", &self.url)
            .field("key", &key)
            .finish_non_exhaustive()
    }
}

/// A provider, with retries and a cache.
pub struct Web {
    provider: Provider,
    url: Url,
    key: Option<String>,
    client: Client,
    retries: Retries,
    cache: Cache,
}

impl Web {
    /// The web search of a configuration; answers are kept in the folder `cache`.
    ///
    /// # Errors
    /// [`WebError::Config`].
    pub fn new(config: &WebConfig, cache: &Path) -> Result<Self, WebError> {
        let url = config.url.as_deref().or(config.provider.usual_url());
        let url = url.ok_or_else(|| WebError::Config("`url` is missing; say where your SearXNG instance is".into()))?;
        let bad_url = |why: &dyn std::fmt::Display| WebError::Config(format!("`url` is no web address: {why}"));
        let url = Url::parse(url).map_err(|error| bad_url(&error))?;
        if config.provider == Provider::Brave && config.key.as_deref().is_none_or(str::is_empty) {
            return Err(WebError::Config("`key` is missing; Brave gives one with a subscription".into()));
        }
        // The user names this one host, so it may be one of their own network.
        let host = url.host_str().ok_or_else(|| bad_url(&"it has no host"))?;
        let host = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        let rules = || HostRules::parse([host.as_str()]).map_err(|error| bad_url(&error));
        let policy = HttpPolicy {
            hosts: rules()?,
            private_hosts: rules()?,
            max_body: 2 << 20,
            max_redirects: 2,
            timeout: Duration::from_secs(config.timeout_s.clamp(1, 60)),
            ..HttpPolicy::default()
        };
        let client = Client::new(policy).map_err(|error| WebError::Config(error.to_string()))?;
        let keep = Duration::from_secs(config.cache_hours.saturating_mul(3600));
        let cache = Cache::new(cache, keep, config.cache_mib.saturating_mul(1 << 20));
        let (provider, key) = (config.provider, config.key.clone());
        Ok(Self { provider, url, key, client, retries: Retries::default(), cache })
    }

    /// With other waits between retries.
    #[must_use]
    pub fn with_retries(mut self, retries: Retries) -> Self {
        self.retries = retries;
        self
    }

    async fn ask(&self, query: &str, limit: usize) -> Result<Vec<WebResult>, WebError> {
        let provider = self.provider.name();
        let url = self.provider.request_url(&self.url, query, limit);
        let mut request = Request::get(url).header("accept", "application/json");
        if let (Provider::Brave, Some(key)) = (self.provider, &self.key) {
            request = request.secret_header("X-Subscription-Token", key);
        }
        let answer = self.client.with_retries(request, &self.retries).await;
        let answer = answer.map_err(|source| WebError::Http { provider, source })?;
        let form = |reason: String| WebError::Form { provider, reason };
        let json: Result<serde_json::Value, _> = answer.json();
        if !answer.status.is_success() {
            let said = json.ok().and_then(|json| providers::reason(&json));
            let reason = said.unwrap_or_else(|| self.provider.usual_reason(answer.status.as_u16()).to_owned());
            return Err(WebError::Refused { provider, status: answer.status.as_u16(), reason });
        }
        let json = json.map_err(|error| form(error.to_string()))?;
        let mut results = self.provider.results(&json).map_err(form)?;
        results.truncate(limit);
        Ok(results)
    }
}

#[async_trait]
impl WebSearch for Web {
    async fn search(&self, query: &str, limit: usize) -> Result<Vec<WebResult>, WebError> {
        let key = format!("{} {} {limit} {query}", self.provider.name(), self.url);
        if let Some(results) = self.cache.get(&key) {
            return Ok(results);
        }
        let results = self.ask(query, limit).await?;
        self.cache.put(&key, &results);
        Ok(results)
    }
}
