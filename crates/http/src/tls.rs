use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt;

use crate::HttpError;

/// TLS 1.2 and 1.3 with ring and the machine's own root certificates. On a machine without any, plain HTTP must work
/// all the same, so that the store is empty then and every certificate is refused; the second value says so.
pub(crate) fn config() -> Result<(ClientConfig, bool), HttpError> {
    let setup = |error: rustls::Error| HttpError::Setup { reason: error.to_string() };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = || ClientConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions();
    let (builder, rootless) = match builder().map_err(setup)?.with_platform_verifier() {
        Ok(verified) => (verified, false),
        Err(_) => (builder().map_err(setup)?.with_root_certificates(RootCertStore::empty()), true),
    };
    let mut config = builder.with_no_client_auth();
    // HTTP/2 is left out: what this client does is one request at a time, and it would be the larger part of the code.
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok((config, rootless))
}
