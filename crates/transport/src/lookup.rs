//! When names are looked up: for a new connection only, and not at all where an address is one.
//!
//! The client would look each name up before it looks for a connection that is open already, in a
//! thread of its own since the system's lookup knows no limit of time.

use std::net::{IpAddr, SocketAddr};

use http::Uri;
use ureq::Error;
use ureq::config::Config;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{ConnectionDetails, Connector, NextTimeout, TcpConnector};

/// Knows the addresses of hosts that are addresses.
#[derive(Debug)]
pub(crate) struct Literally;

impl Resolver for Literally {
    fn resolve(&self, uri: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        let mut addresses = self.empty();
        if let Some(address) = literal(uri) {
            addresses.push(address);
        }
        Ok(addresses)
    }
}

/// Looks up what is not known yet, and connects.
#[derive(Debug, Default)]
pub(crate) struct LookUpAndConnect {
    names: DefaultResolver,
    sockets: TcpConnector,
}

impl Connector<()> for LookUpAndConnect {
    type Out = <TcpConnector as Connector<()>>::Out;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        chained: Option<()>,
    ) -> Result<Option<Self::Out>, Error> {
        if !details.addrs.is_empty() {
            return self.sockets.connect(details, chained);
        }
        let addrs = self.names.resolve(details.uri, details.config, details.timeout);
        let addrs = addrs.map_err(|error| match error {
            // An error of the system like any other, but not one of a connection.
            Error::Io(_) => Error::HostNotFound,
            other => other,
        })?;
        // The lookup counts: the limit is still from `now` on.
        let details = ConnectionDetails {
            uri: details.uri,
            addrs,
            config: details.config,
            request_level: details.request_level,
            resolver: details.resolver,
            now: details.now,
            timeout: details.timeout,
            current_time: details.current_time.clone(),
            run_connector: details.run_connector.clone(),
            register_shutdown: details.register_shutdown.clone(),
        };
        self.sockets.connect(&details, chained)
    }
}

fn literal(uri: &Uri) -> Option<SocketAddr> {
    let host = uri.host()?.trim_start_matches('[').trim_end_matches(']');
    let address: IpAddr = host.parse().ok()?;
    let usual = if uri.scheme_str() == Some("https") { 443 } else { 80 };
    Some(SocketAddr::new(address, uri.port_u16().unwrap_or(usual)))
}
