//! Asking a provider once, for tools that look and set up and log nobody in.

use countersign_protocol::Issuer;
use countersign_protocol::discovery::{DiscoveryError, Fetch, FetchKeys, Metadata};
use countersign_protocol::jose::KeySet;
use countersign_protocol::registration::{Registration, RegistrationRequest};
use countersign_protocol::value::issuer::IssuerIdentity;

use super::{Provider, Source};
use crate::ask::Way;
use crate::error::{Error, ErrorKind};
use crate::outside::Outside;

impl Provider {
    /// What the provider says of itself, asked now and checked. A person who types an address does
    /// not mean its last slash: with or without it, the issuer is what the metadata say. A login
    /// makes no such difference good, since issuers are compared byte for byte there.
    ///
    /// ```no_run
    /// # async fn example(outside: countersign::outside::Outside) -> Result<(), Box<dyn std::error::Error>> {
    /// use countersign::{Issuer, Provider};
    ///
    /// let provider = Provider::discover(Issuer::parse("https://op.example")?);
    /// let metadata = provider.ask_metadata(&outside).await?;
    /// let keys = provider.ask_keys(&metadata, &outside).await?;
    /// println!("{} signs with {} keys", metadata.issuer(), keys.len());
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Error`] when it can't be had or breaks a rule.
    pub async fn ask_metadata(&self, outside: &Outside) -> Result<Metadata, Error> {
        match &self.source {
            Source::Written { metadata, .. } => Ok((**metadata).clone()),
            Source::Discovered { identity, at } => {
                let way = self.way(outside);
                let ask = |who| way.ask(Fetch::new(who, self.discovery_url(at), self.plain_http));
                let asked = ask(identity.clone()).await;
                match asked.as_ref().err().and_then(but_for_a_slash) {
                    Some(issuer) => ask(IssuerIdentity::One(issuer)).await,
                    None => asked,
                }
            }
        }
    }

    /// Its keys, asked now: the usable ones, and what was left aside.
    ///
    /// # Errors
    /// [`Error`] when the metadata name none, or they can't be had.
    pub async fn ask_keys(&self, metadata: &Metadata, outside: &Outside) -> Result<KeySet, Error> {
        match metadata.jwks_uri() {
            Some(url) => Ok(self.way(outside).ask(FetchKeys::new(url.clone())).await?.keys),
            None => Ok(metadata.keys().ok_or(ErrorKind::NoKeys)?.clone()),
        }
    }

    /// Registers a client with it (OpenID Connect Registration 1.0).
    ///
    /// # Errors
    /// [`Error`] when the provider offers no registration or refuses this one.
    pub async fn register(
        &self,
        request: RegistrationRequest,
        metadata: &Metadata,
        outside: &Outside,
    ) -> Result<Registration, Error> {
        self.way(outside).ask(request.at(metadata)?).await
    }

    fn way(&self, outside: &Outside) -> Way {
        Way { outside: outside.clone(), reached_at: self.detour() }
    }
}

/// The issuer as the provider writes it, if it is the one that was asked for but for a slash.
fn but_for_a_slash(error: &Error) -> Option<Issuer> {
    let ErrorKind::Discovery(DiscoveryError::Issuer { expected, got }) = error.kind() else {
        return None;
    };
    let same = expected.trim_end_matches('/') == got.trim_end_matches('/');
    same.then(|| Issuer::parse(got).ok()).flatten()
}
