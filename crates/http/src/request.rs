use reqwest::{
    Method, StatusCode, Url,
    header::{HeaderMap, HeaderName, HeaderValue},
};
use serde::de::DeserializeOwned;

use crate::{HttpError, error::shown};

/// Headers that belong to the connection and not to the caller; among them those that could smuggle a second request.
const OWN_HEADERS: [&str; 13] = [
    "accept-encoding",
    "connection",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "cookie2",
];

/// What is asked of a server.
#[derive(Debug, Clone)]
pub struct Request {
    pub(crate) method: Method,
    pub(crate) url: String,
    pub(crate) headers: Result<HeaderMap, HttpError>,
    pub(crate) body: Vec<u8>,
}

impl Request {
    /// A request with no headers and no body.
    #[must_use]
    pub fn new(method: Method, url: impl Into<String>) -> Self {
        Self { method, url: url.into(), headers: Ok(HeaderMap::new()), body: Vec::new() }
    }

    /// A `GET`.
    #[must_use]
    pub fn get(url: impl Into<String>) -> Self {
        Self::new(Method::GET, url)
    }

    /// A `POST` of JSON.
    #[must_use]
    pub fn post_json(url: impl Into<String>, value: &serde_json::Value) -> Self {
        Self::new(Method::POST, url).header("content-type", "application/json").body(value.to_string())
    }

    /// The same with a header; it replaces one of the same name. A header that cannot be sent is told by
    /// [`Client::request`](crate::Client::request).
    #[must_use]
    pub fn header(self, name: &str, value: &str) -> Self {
        self.with(name, value, false)
    }

    /// The same with a header that is a secret: it does not follow a redirect to another origin, and is not printed.
    /// `Authorization`, `Cookie` and `X-Api-Key` are secrets anyway.
    #[must_use]
    pub fn secret_header(self, name: &str, value: &str) -> Self {
        self.with(name, value, true)
    }

    /// The same with a body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    fn with(mut self, name: &str, value: &str, secret: bool) -> Self {
        self.headers = self.headers.and_then(|mut headers| {
            let refused = |reason| HttpError::Header { name: shown(name), reason };
            let parsed = HeaderName::try_from(name).map_err(|_| refused("this is no name of a header"))?;
            if OWN_HEADERS.contains(&parsed.as_str()) {
                return Err(refused("the client sets it by itself"));
            }
            let mut value = HeaderValue::try_from(value).map_err(|_| refused("its value has control characters"))?;
            value.set_sensitive(secret || matches!(parsed.as_str(), "authorization" | "cookie" | "x-api-key"));
            headers.insert(parsed, value);
            Ok(headers)
        });
        self
    }
}

/// What a server answered, whatever its status.
#[derive(Debug, Clone)]
pub struct Response {
    /// Where the redirects ended.
    pub final_url: Url,
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, decompressed, at most as long as the policy allows.
    pub body: Vec<u8>,
    /// Whether the body was longer.
    pub truncated: bool,
}

impl Response {
    /// The first header of that name, if it is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The media type in lower case, without parameters: `text/html`.
    #[must_use]
    pub fn media_type(&self) -> Option<String> {
        let value = self.header("content-type")?;
        Some(value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()).filter(|kind| !kind.is_empty())
    }

    /// The `charset` of the media type in lower case.
    #[must_use]
    pub fn charset(&self) -> Option<String> {
        self.header("content-type")?.split(';').skip(1).find_map(|parameter| {
            let (name, value) = parameter.split_once('=')?;
            let charset = value.trim().trim_matches(['"', '\'']).to_ascii_lowercase();
            name.trim().eq_ignore_ascii_case("charset").then_some(charset)
        })
    }

    /// The body as UTF-8; what is not becomes `U+FFFD`.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// [`HttpError::Json`] where it is not, or was cut short.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, HttpError> {
        if self.truncated {
            return Err(HttpError::Json { reason: format!("it is longer than {} bytes", self.body.len()) });
        }
        serde_json::from_slice(&self.body).map_err(|error| HttpError::Json { reason: error.to_string() })
    }
}
