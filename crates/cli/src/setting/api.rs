//! What the API asks of tokens.

use std::time::Duration;

use countersign::outside::Outside;
use countersign::{
    Dpop, Introspection, ProtectedResource, Provider, RelyingParty, ResourceServer, Roles,
    TrustedIssuer,
};
use countersign_web::PublicAddress;

use crate::error::CommandError;

/// The flags of the API.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "API")]
pub(crate) struct ApiArguments {
    /// What the routes below /api are called: one of them must stand in the aud of each token
    /// (repeatable, or with spaces between). By default their own address, and with the
    /// development provider also api
    #[arg(long, value_name = "AUDIENCE", value_delimiter = ' ')]
    audience: Vec<String>,

    /// Where roles stand in access tokens, as a JSON pointer (repeatable); /realm_access/roles and
    /// /roles by default
    #[arg(long, value_name = "POINTER", value_parser = pointer)]
    roles_claim: Vec<String>,
}

/// An API before it is known whose tokens it accepts.
#[derive(Debug)]
pub(crate) struct ApiSettings {
    audiences: Vec<String>,
    roles: Option<Roles>,
    resource: ProtectedResource,
}

impl ApiArguments {
    /// The API of an application at this address. `usual` is the audience of tokens from the
    /// development provider, if that one is used.
    pub(crate) fn settings(
        self,
        address: &PublicAddress,
        usual: Option<&str>,
    ) -> Result<ApiSettings, CommandError> {
        let own = address.url(PATH);
        let resource = ProtectedResource::new(own.as_str())
            .map_err(|why| CommandError::option(format!("--base-url: {why}")))?
            .scopes(["notes:read"])
            .member("resource_name", "countersign demo");
        let mut audiences = self.audience;
        audiences.retain(|audience| !audience.is_empty());
        if audiences.is_empty() {
            audiences.extend(usual.map(str::to_owned));
            audiences.push(own.into());
        }
        let pointers = self.roles_claim.into_iter().filter(|pointer| !pointer.is_empty());
        let roles = pointers.map(Roles::at).reduce(Roles::and);
        Ok(ApiSettings { audiences, roles, resource })
    }
}

impl ApiSettings {
    /// What tokens are to be for, the first one first.
    pub(crate) fn audiences(&self) -> &[String] {
        &self.audiences
    }

    /// Accepts the tokens of the provider at which people log in. Those that are no JWTs are asked
    /// about, if the provider has an endpoint for that and the client something to prove itself
    /// with.
    pub(crate) fn build(
        self,
        provider: Provider,
        relying_party: &RelyingParty,
        clock_skew: Duration,
        outside: Outside,
    ) -> Result<ResourceServer, CommandError> {
        let introspection =
            Introspection::with_login(relying_party.clone()).if_offered().own_may_lack_audience();
        let mut builder = ResourceServer::builder(self.audiences)
            .issuer(TrustedIssuer::new(provider).introspection(introspection))
            .clock_skew(clock_skew)
            .resource(self.resource)
            .dpop(Dpop::new());
        if let Some(roles) = self.roles {
            builder = builder.roles(roles);
        }
        Ok(builder.build(outside)?)
    }
}

/// An empty one, as `.env` files have them, says nothing.
fn pointer(text: &str) -> Result<String, String> {
    if text.is_empty() || text.starts_with('/') {
        return Ok(text.to_owned());
    }
    Err("expected a JSON pointer, such as /realm_access/roles".to_owned())
}

const PATH: &str = "/api";
