//! Tokens for calls onward: which token may *we* send?

mod builder;
mod exchange;
mod grant;
mod own;
mod refresh;
mod revoke;

use std::fmt;
use std::sync::Arc;

use countersign_protocol::discovery::Metadata;
use countersign_protocol::token::{ClientProof, TokenAsk};
use countersign_protocol::{Client, UnixTime};

pub use builder::TokenClientBuilder;
pub use grant::AccessGrant;

use crate::ask::Way;
use crate::error::Error;
use crate::kept::Kept;
use crate::provider::Known;
use crate::single_flight::SingleFlight;

/// Fetches access tokens for the application's own calls to other APIs: in its own name, or in
/// exchange for the token that a request brought. Tokens are kept and renewed before they end.
/// Cheap to clone; every clone shares them.
///
/// ```no_run
/// use countersign::outside::Outside;
/// use countersign::{Client, Issuer, Provider, Secret, TokenAsk, TokenClient};
///
/// # async fn example(outside: Outside, from_the_request: Secret) -> Result<(), Box<dyn std::error::Error>> {
/// let provider = Provider::discover(Issuer::parse("https://op.example")?);
/// let client = Client::with_secret("notes-api", Secret::from("from a file"));
/// let tokens = TokenClient::builder(provider, client).build(outside)?;
///
/// // In the application's own name.
/// let grant = tokens.client_credentials(&TokenAsk::new().scope("mail:send")).await?;
/// let header = format!("Bearer {}", grant.token.expose());
///
/// // On behalf of whoever sent the request.
/// let ask = TokenAsk::new().audience("billing");
/// let grant = tokens.exchange(&from_the_request, &ask).await?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct TokenClient {
    inner: Arc<Inner>,
}

struct Inner {
    way: Way,
    known: Arc<Known>,
    client: Client,
    own: Kept<TokenAsk, own::Held>,
    asking: SingleFlight<TokenAsk, Result<AccessGrant, Error>>,
    exchanged: Kept<[u8; 32], exchange::Exchanged>,
    exchanging: SingleFlight<[u8; 32], Result<AccessGrant, Error>>,
}

impl TokenClient {
    /// A client of this provider.
    #[must_use]
    pub fn builder(provider: crate::Provider, client: Client) -> TokenClientBuilder {
        TokenClientBuilder::new(provider, client)
    }

    /// The client in whose name tokens are fetched.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.inner.client
    }

    /// The time, from the clock door.
    #[must_use]
    pub fn now(&self) -> UnixTime {
        self.inner.way.outside.now()
    }

    fn proof<'a>(&self, now: UnixTime, metadata: &'a Metadata) -> Result<ClientProof<'a>, Error> {
        let audience = self.inner.known.provider().assertion_audience(metadata);
        Ok(ClientProof::new(now, self.inner.way.outside.random()?, audience))
    }
}

impl fmt::Debug for TokenClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenClient")
            .field("issuer", &self.inner.known.provider().identity().as_str())
            .field("client_id", &self.inner.client.id())
            .finish_non_exhaustive()
    }
}
