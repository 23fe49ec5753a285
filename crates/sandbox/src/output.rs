//! Standard output and standard error: kept up to a cap, and the end of a run that floods them.

use std::{
    io,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
};

use bytes::Bytes;
use tokio::io::AsyncWrite;
use wasmtime_wasi::{
    cli::{IsTerminal, StdoutStream},
    p2::{OutputStream, Pollable, StreamError, StreamResult},
};

use crate::{policy::LimitKind, supervise::LimitHit};

/// How many times the cap a guest may write before that is a flood.
const FLOOD: usize = 16;
/// What may be written however small the cap is.
const FLOOD_FLOOR: usize = 64 << 10;

#[derive(Default)]
struct Kept {
    bytes: Vec<u8>,
    written: usize,
}

/// One of the two streams; clones share what was written.
#[derive(Clone)]
pub(crate) struct Capture {
    kept: Arc<Mutex<Kept>>,
    cap: usize,
}

impl Capture {
    pub(crate) fn new(cap: usize) -> Self {
        Self { kept: Arc::default(), cap }
    }

    /// What was kept, and whether there was more.
    pub(crate) fn take(&self) -> (Vec<u8>, bool) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let cut = kept.written > self.cap;
        (std::mem::take(&mut kept.bytes), cut)
    }

    fn push(&self, bytes: &[u8]) -> Result<(), LimitHit> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.written = kept.written.saturating_add(bytes.len());
        let room = self.cap.saturating_sub(kept.bytes.len()).min(bytes.len());
        kept.bytes.extend_from_slice(&bytes[..room]);
        match kept.written > self.cap.saturating_mul(FLOOD).max(FLOOD_FLOOR) {
            true => Err(LimitHit(LimitKind::Output)),
            false => Ok(()),
        }
    }
}

impl IsTerminal for Capture {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for Capture {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }
}

#[async_trait::async_trait]
impl Pollable for Capture {
    async fn ready(&mut self) {}
}

impl OutputStream for Capture {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.push(&bytes).map_err(|hit| StreamError::Trap(hit.into()))
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(64 << 10)
    }
}

impl AsyncWrite for Capture {
    fn poll_write(self: Pin<&mut Self>, _context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Ready(self.push(bytes).map(|()| bytes.len()).map_err(io::Error::other))
    }

    fn poll_flush(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
