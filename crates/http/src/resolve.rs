use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use async_trait::async_trait;
use reqwest::dns::{Addrs, Name, Resolving};

use crate::{HttpError, policy::refusal};

/// Turns a name into addresses.
#[async_trait]
pub trait Resolve: Send + Sync {
    /// The addresses of `host`, best first.
    ///
    /// # Errors
    /// Where the name cannot be resolved.
    async fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>>;
}

/// The resolver of the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemResolver;

#[async_trait]
impl Resolve for SystemResolver {
    async fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        Ok(tokio::net::lookup_host((host, 0)).await?.map(|address| address.ip()).collect())
    }
}

/// The resolver under a connection: it hands out only addresses that the policy allows, so what was judged is what is
/// connected to.
pub(crate) struct Guarded {
    pub resolver: Arc<dyn Resolve>,
    pub private_allowed: bool,
}

impl Guarded {
    /// The addresses that may be connected to. A name with allowed and refused ones has only the allowed.
    pub(crate) async fn addresses(
        resolver: &dyn Resolve,
        host: &str,
        private_allowed: bool,
    ) -> Result<Vec<IpAddr>, HttpError> {
        let unresolved = |reason: String| HttpError::Unresolved { host: host.to_owned(), reason };
        let all = resolver.resolve(host).await.map_err(|error| unresolved(error.to_string()))?;
        let first = *all.first().ok_or_else(|| unresolved("it has no address".to_owned()))?;
        let allowed: Vec<_> = all.into_iter().filter(|ip| refusal(*ip, private_allowed).is_none()).collect();
        match refusal(first, private_allowed) {
            Some(kind) if allowed.is_empty() => Err(HttpError::Address { host: host.to_owned(), address: first, kind }),
            _ => Ok(allowed),
        }
    }
}

impl reqwest::dns::Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let (resolver, private_allowed) = (Arc::clone(&self.resolver), self.private_allowed);
        Box::pin(async move {
            let allowed = Self::addresses(resolver.as_ref(), name.as_str(), private_allowed).await?;
            // Port 0 stands for the port of the URL.
            let sockets: Vec<_> = allowed.into_iter().map(|ip| SocketAddr::new(ip, 0)).collect();
            Ok(Box::new(sockets.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed(&'static [&'static str]);

    #[async_trait]
    impl Resolve for Fixed {
        async fn resolve(&self, _: &str) -> io::Result<Vec<IpAddr>> {
            Ok(self.0.iter().map(|ip| ip.parse().unwrap()).collect())
        }
    }

    #[tokio::test]
    async fn refused_addresses_are_never_handed_out() {
        let addresses = async |ips, private| {
            let found = Guarded::addresses(&Fixed(ips), "example.com", private).await;
            found.map(|ips| ips.iter().map(IpAddr::to_string).collect::<Vec<_>>()).map_err(|error| error.to_string())
        };
        assert_eq!(
            addresses(&["10.0.0.1", "8.8.8.8", "::1", "2606:4700::1"], false).await.unwrap(),
            ["8.8.8.8", "2606:4700::1"]
        );
        assert_eq!(addresses(&["10.0.0.1", "169.254.169.254"], true).await.unwrap(), ["10.0.0.1"]);
        assert_eq!(
            addresses(&["10.0.0.1", "::1"], false).await.unwrap_err(),
            "example.com resolves to a private address (10.0.0.1), which is refused"
        );
        assert!(addresses(&["169.254.169.254"], true).await.unwrap_err().contains("link-local"));
        assert!(addresses(&["::ffff:127.0.0.1"], false).await.unwrap_err().contains("loopback"));
        assert_eq!(addresses(&[], false).await.unwrap_err(), "example.com cannot be found: it has no address");
    }
}
