//! HTTP with a policy: allowed hosts, no private addresses, bounded redirects, bodies and time.
//!
//! The only crate that opens connections. A [`Client`] is made for one [`HttpPolicy`] and holds to it whatever a URL, a
//! redirect or a name server says:
//!
//! - Only `http` and `https`, only hosts of the policy's [`HostRules`], no credentials in a URL.
//! - The address is judged after the name is resolved, and the connection goes to just the addresses that were judged, so
//!   a name server cannot answer the check with one address and the connection with another.
//! - Every hop of a redirect is judged like a first request; secrets do not follow to another origin.
//! - The whole exchange has one deadline, and the bytes of a body are counted after decompression.
//! - Proxies of the environment are not used, cookies are not kept.
//!
//! ```no_run
//! # async fn example() -> Result<(), toolwright_http::HttpError> {
//! use toolwright_http::{Client, HostRules, HttpPolicy, Request};
//!
//! let hosts = HostRules::parse(["api.example.com", "*.example.org"])?;
//! let client = Client::new(HttpPolicy { hosts, ..HttpPolicy::default() })?;
//! let response = client.request(Request::get("https://api.example.com/v1").header("accept", "application/json")).await?;
//! let value: serde_json::Value = response.json()?;
//! # Ok(()) }
//! ```

mod address;
mod client;
mod error;
mod hosts;
mod policy;
mod request;
mod resolve;
mod retry;
mod tls;

pub use address::AddressClass;
pub use client::Client;
pub use error::HttpError;
pub use hosts::{HostRule, HostRules};
pub use policy::HttpPolicy;
pub use request::{Request, Response};
pub use reqwest::{
    Method, StatusCode,
    header::{HeaderMap, HeaderName, HeaderValue},
};
pub use resolve::{Resolve, SystemResolver};
pub use retry::Retries;
pub use url::Url;
