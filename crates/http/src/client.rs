use std::{error::Error, sync::Arc};

use reqwest::{
    Method, StatusCode, Url,
    header::{self, HeaderMap},
    redirect,
};

use crate::{
    HttpError, HttpPolicy, Request, Resolve, Response, SystemResolver,
    error::shown,
    policy::{Target, authority, parse},
    resolve::Guarded,
    tls,
};

/// Headers of an answer; a server that sends more is not answered properly.
const MAX_HEADERS: usize = 100;

/// A client that holds to its [`HttpPolicy`]. Cheap to clone; clones share connections.
#[derive(Clone)]
pub struct Client {
    policy: Arc<HttpPolicy>,
    public: reqwest::Client,
    /// The client of the hosts that may have a private address, with connections of its own.
    private: reqwest::Client,
    /// This machine has no root certificates.
    rootless: bool,
}

impl Client {
    /// A client with the resolver of the operating system.
    ///
    /// # Errors
    /// [`HttpError::Setup`] where encryption cannot be set up.
    pub fn new(policy: HttpPolicy) -> Result<Self, HttpError> {
        Self::with_resolver(policy, Arc::new(SystemResolver))
    }

    /// A client that asks `resolver` for addresses, which the policy then judges.
    ///
    /// # Errors
    /// [`HttpError::Setup`] where encryption cannot be set up.
    pub fn with_resolver(policy: HttpPolicy, resolver: Arc<dyn Resolve>) -> Result<Self, HttpError> {
        let (tls, rootless) = tls::config()?;
        let build = |private_allowed| {
            reqwest::Client::builder()
                .tls_backend_preconfigured(tls.clone())
                .dns_resolver(Arc::new(Guarded { resolver: Arc::clone(&resolver), private_allowed }))
                .redirect(redirect::Policy::none())
                .retry(reqwest::retry::never())
                .no_proxy()
                .referer(false)
                .http1_only()
                .http1_max_headers(MAX_HEADERS)
                .connect_timeout(policy.connect_timeout)
                .user_agent(policy.user_agent.as_str())
                .build()
                .map_err(|error| HttpError::Setup { reason: reason(&error) })
        };
        Ok(Self { public: build(false)?, private: build(true)?, policy: Arc::new(policy), rootless })
    }

    /// The policy.
    #[must_use]
    pub fn policy(&self) -> &HttpPolicy {
        &self.policy
    }

    /// A `GET` with headers.
    ///
    /// # Errors
    /// See [`Self::request`].
    pub async fn get(&self, url: &str, headers: &[(&str, &str)]) -> Result<Response, HttpError> {
        let request = headers.iter().fold(Request::get(url), |request, (name, value)| request.header(name, value));
        self.request(request).await
    }

    /// Sends a request, follows its redirects and reads the answer. A status of 400 and more is an answer too.
    ///
    /// # Errors
    /// [`HttpError`] where the policy refuses a hop, or no answer comes within the time.
    pub async fn request(&self, request: Request) -> Result<Response, HttpError> {
        let headers = request.headers?;
        let first = self.policy.target(parse(&request.url)?)?;
        let host = authority(&first.url);
        let exchange = self.follow(first, request.method, headers, request.body);
        tokio::time::timeout(self.policy.timeout, exchange)
            .await
            .map_err(|_| HttpError::Timeout { host, limit: self.policy.timeout })?
    }

    async fn follow(
        &self,
        mut target: Target,
        mut method: Method,
        mut headers: HeaderMap,
        mut body: Vec<u8>,
    ) -> Result<Response, HttpError> {
        let mut from = None;
        for _ in 0..=self.policy.max_redirects {
            let answer = self.hop(&target, &method, &headers, &body).await.map_err(|error| match (&from, error) {
                (Some(from), refused @ HttpError::Address { .. }) => redirect_refused(from, refused),
                (_, other) => other,
            })?;
            let Some(location) = location(&answer) else {
                return self.read(target.url, answer).await;
            };
            let next = self.next(&target.url, &location)?;
            let status = answer.status();
            let turns_to_get = status == StatusCode::SEE_OTHER && method != Method::HEAD
                || matches!(status, StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND) && method == Method::POST;
            if turns_to_get {
                method = Method::GET;
                body = Vec::new();
                headers.remove(header::CONTENT_TYPE);
            }
            if next.url.origin() != target.url.origin() {
                let public = headers.iter().filter(|(_, value)| !value.is_sensitive());
                headers = public.map(|(name, value)| (name.clone(), value.clone())).collect();
            }
            from = Some(target.url);
            target = next;
        }
        Err(HttpError::TooManyRedirects { host: authority(&target.url), limit: self.policy.max_redirects })
    }

    /// Where a redirect leads, if the policy allows it.
    fn next(&self, from: &Url, location: &str) -> Result<Target, HttpError> {
        let url =
            from.join(location).map_err(|error| HttpError::Url { url: shown(location), reason: error.to_string() });
        url.and_then(|url| self.policy.target(url)).map_err(|error| redirect_refused(from, error))
    }

    async fn hop(
        &self,
        target: &Target,
        method: &Method,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<reqwest::Response, HttpError> {
        if self.rootless && target.url.scheme() == "https" {
            let reason = "this machine has no root certificates; install its package `ca-certificates`".to_owned();
            return Err(HttpError::Setup { reason });
        }
        let client = if target.private { &self.private } else { &self.public };
        let mut request = client.request(method.clone(), target.url.clone()).headers(headers.clone());
        if !body.is_empty() {
            request = request.body(body.to_vec());
        }
        request.send().await.map_err(|error| self.explain(&target.url, &error))
    }

    async fn read(&self, final_url: Url, mut answer: reqwest::Response) -> Result<Response, HttpError> {
        let (status, headers) = (answer.status(), answer.headers().clone());
        let mut body = Vec::new();
        let mut truncated = false;
        while let Some(chunk) = answer.chunk().await.map_err(|error| self.explain(&final_url, &error))? {
            let room = self.policy.max_body - body.len();
            body.extend_from_slice(&chunk[..chunk.len().min(room)]);
            if chunk.len() > room {
                truncated = true;
                break;
            }
        }
        Ok(Response { final_url, status, headers, body, truncated })
    }

    /// The error in words: what the resolver refused, or the innermost cause.
    fn explain(&self, url: &Url, error: &reqwest::Error) -> HttpError {
        let mut source: Option<&(dyn Error + 'static)> = Some(error);
        while let Some(cause) = source {
            if let Some(own) = cause.downcast_ref::<HttpError>() {
                return own.clone();
            }
            source = cause.source();
        }
        let host = authority(url);
        if error.is_timeout() {
            return HttpError::Timeout { host, limit: self.policy.connect_timeout };
        }
        let reason = reason(error);
        if error.is_connect() { HttpError::Connect { host, reason } } else { HttpError::Answer { host, reason } }
    }
}

fn redirect_refused(from: &Url, reason: HttpError) -> HttpError {
    HttpError::Redirect { from: authority(from), reason: Box::new(reason) }
}

/// The target of a redirect, if the answer is one.
fn location(answer: &reqwest::Response) -> Option<String> {
    let redirects = matches!(answer.status().as_u16(), 301 | 302 | 303 | 307 | 308);
    let location = answer.headers().get(header::LOCATION).filter(|_| redirects)?;
    Some(String::from_utf8_lossy(location.as_bytes()).into_owned())
}

/// The innermost cause; the outer ones repeat the URL.
fn reason(error: &reqwest::Error) -> String {
    let mut cause: &dyn Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    shown(&cause.to_string())
}
