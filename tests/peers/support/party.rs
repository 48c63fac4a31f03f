//! A relying party against a peer: engine and transport as an application has them, no framework.

use countersign::outside::Outside;
use countersign::{
    Callback, Client, ClientAuthentication, Error, Issuer, LoginOptions, Provider,
    RegistrationRequest, RelyingParty, RelyingPartyBuilder, Secret, Session,
};
use countersign_transport::HyperTransport;
use tokio::runtime::Runtime;

use super::node_provider::{NodeClient, NodeProvider};
use super::person::{Arrival, Person};

/// A relying party and the runtime that drives it.
pub(crate) struct Party {
    pub(crate) rp: RelyingParty,
    runtime: Runtime,
}

impl Party {
    /// The client of this name, registered by hand, at a discovered provider.
    pub(crate) fn of(provider: &NodeProvider, client: &str) -> Self {
        Self::with(RelyingParty::builder(discovered(provider), named(provider, client), callback()))
    }

    /// A client that registers itself.
    pub(crate) fn registering(provider: &NodeProvider, request: RegistrationRequest) -> Self {
        Self::with(RelyingParty::registering(discovered(provider), request, callback()))
    }

    pub(crate) fn with(builder: RelyingPartyBuilder) -> Self {
        let runtime = Runtime::new().unwrap();
        let rp = builder.build(Outside::new(HyperTransport::new().unwrap())).unwrap();
        Self { rp, runtime }
    }

    /// Runs a question of the relying party to its end.
    pub(crate) fn wait<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    /// A whole login.
    pub(crate) fn log_in(&self, person: &Person, options: LoginOptions) -> Result<Session, Error> {
        let (url, pending) = self.wait(self.rp.begin(options))?;
        let arrival = person.log_in(url.as_str());
        let callback = Callback::parse(&form(&arrival))?;
        self.wait(self.rp.complete(pending, callback))
    }
}

/// What the browser brings to the redirect URI, by query or by form.
pub(crate) fn form(arrival: &Arrival) -> String {
    match arrival {
        Arrival::Redirect(url) => url.query().unwrap_or_default().to_owned(),
        Arrival::Form { fields, .. } => {
            url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
        }
    }
}

pub(crate) fn discovered(provider: &NodeProvider) -> Provider {
    Provider::discover(Issuer::parse(&provider.issuer).unwrap())
}

pub(crate) fn named(provider: &NodeProvider, name: &str) -> Client {
    let NodeClient { client_id, client_secret, token_endpoint_auth_method } = provider.client(name);
    let secret = client_secret.as_deref().map(Secret::from);
    let method = token_endpoint_auth_method.as_str();
    let authentication = match (method, secret) {
        ("client_secret_basic", Some(secret)) => ClientAuthentication::SecretBasic(secret),
        ("client_secret_post", Some(secret)) => ClientAuthentication::SecretPost(secret),
        ("client_secret_jwt", Some(secret)) => {
            ClientAuthentication::SecretJwt(secret, countersign::protocol::jose::Algorithm::Hs256)
        }
        ("none", _) => ClientAuthentication::None,
        other => panic!("{name} authenticates in another way: {}", other.0),
    };
    Client::new(client_id, authentication)
}

pub(crate) fn callback() -> url::Url {
    "http://127.0.0.1:3000/auth/callback".parse().unwrap()
}
