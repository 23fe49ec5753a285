use std::time::Duration;

use reqwest::{Method, StatusCode};

use crate::{Client, HttpError, Request, Response};

/// How often a request is sent again, and how long it waits before that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retries {
    /// Attempts in all.
    pub attempts: u32,
    /// The first wait; it doubles each time.
    pub wait: Duration,
    /// The longest wait. A server that asks for a longer one is not asked again.
    pub max_wait: Duration,
}

impl Default for Retries {
    fn default() -> Self {
        Self { attempts: 3, wait: Duration::from_millis(300), max_wait: Duration::from_secs(5) }
    }
}

impl Client {
    /// Like [`Client::request`], but a `GET` or `HEAD` that fails for a moment (no connection, a broken answer, status
    /// 429, 500, 502, 503 or 504) is sent again. The last answer is what the caller gets.
    ///
    /// # Errors
    /// See [`Client::request`].
    pub async fn with_retries(&self, request: Request, retries: &Retries) -> Result<Response, HttpError> {
        let repeatable = matches!(request.method, Method::GET | Method::HEAD);
        let attempts = if repeatable { retries.attempts } else { 1 };
        let mut wait = retries.wait;
        for _ in 1..attempts {
            let answer = self.request(request.clone()).await;
            let pause = match &answer {
                Ok(response) if is_transient(response.status) => retry_after(response).unwrap_or(wait),
                Err(error) if error.is_transient() => wait,
                _ => return answer,
            };
            if pause > retries.max_wait {
                return answer;
            }
            tokio::time::sleep(pause).await;
            wait = wait.saturating_mul(2).min(retries.max_wait);
        }
        self.request(request).await
    }
}

fn is_transient(status: StatusCode) -> bool {
    matches!(status.as_u16(), 429 | 500 | 502 | 503 | 504)
}

/// The wait that the server asks for, in seconds; a date is left to the waits of our own.
fn retry_after(response: &Response) -> Option<Duration> {
    response.header("retry-after")?.trim().parse().ok().map(Duration::from_secs)
}
