//! Whose tokens are accepted.

use std::sync::Arc;
use std::time::Duration;

use countersign_protocol::access_token::{AccessTokenRules, AudienceRule, Profile};
use countersign_protocol::bearer::Roles;
use countersign_protocol::jose::json::Document;
use countersign_protocol::jose::{Algorithm, Allowed, KeySet};
use countersign_protocol::resource::AskResource;
use countersign_protocol::value::issuer::IssuerIdentity;
use countersign_protocol::{Client, Secret, UnixTime};
use url::Url;

use crate::ask::Way;
use crate::error::Error;
use crate::outside::Outside;
use crate::provider::{Keys, Known, Provider};
use crate::relying_party::RelyingParty;

/// An issuer whose tokens are accepted: by its keys, by its word (introspection), or both.
///
/// ```
/// use countersign::{Client, Introspection, Issuer, Provider, Roles, Secret, TrustedIssuer};
///
/// let keycloak = Provider::discover(Issuer::parse("https://login.example/realms/notes").unwrap());
/// let client = Client::with_secret("notes-api", Secret::from("from a file"));
/// let issuer = TrustedIssuer::new(keycloak)
///     .roles(Roles::keycloak_realm())
///     .introspection(Introspection::new(client)); // for opaque tokens
/// # let _ = issuer;
/// ```
#[derive(Debug)]
pub struct TrustedIssuer {
    provider: Provider,
    audiences: Option<Vec<String>>,
    pub(crate) audience: AudienceRule,
    needs_kid: bool,
    clients: Vec<String>,
    allowed: Option<Allowed>,
    secret: Option<(Secret, Algorithm)>,
    profile: Profile,
    roles: Option<Roles>,
    introspection: Option<Introspection>,
    by_keys: bool,
}

impl TrustedIssuer {
    /// Accepts JWT access tokens that this provider signed.
    #[must_use]
    pub fn new(provider: Provider) -> Self {
        Self {
            provider,
            audiences: None,
            audience: AudienceRule::Ours,
            needs_kid: false,
            clients: Vec::new(),
            allowed: None,
            secret: None,
            profile: Profile::Any,
            roles: None,
            introspection: None,
            by_keys: true,
        }
    }

    /// The audiences of this API at this issuer. Default: those of the API.
    #[must_use]
    pub fn audiences(mut self, audiences: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.audiences = Some(audiences.into_iter().map(Into::into).collect());
        self
    }

    /// Signed tokens are for nobody in particular: one that names an audience is refused, one that
    /// names none passes.
    #[must_use]
    pub fn no_audience(mut self) -> Self {
        self.audience = AudienceRule::Nobody;
        self
    }

    /// A token must name the key that signed it (`kid`).
    #[must_use]
    pub fn needs_kid(mut self) -> Self {
        self.needs_kid = true;
        self
    }

    /// Takes tokens without `aud` as well, when they were issued to one of these clients: for
    /// providers that write no audience, such as Cognito. Whatever these clients get a token for is
    /// then good for this API, too.
    #[must_use]
    pub fn clients(mut self, clients: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.clients = clients.into_iter().map(Into::into).collect();
        self
    }

    /// The algorithms that may sign. Default: all asymmetric ones, since the keys of the provider
    /// say for what they are.
    #[must_use]
    pub fn algorithms(mut self, allowed: Allowed) -> Self {
        self.allowed = Some(allowed);
        self
    }

    /// Tokens with a MAC made with a secret that this API and the issuer share (HS256 to HS512),
    /// and no others: whoever can check such a token can also make one.
    #[must_use]
    pub fn shared_secret(mut self, secret: Secret, algorithm: Algorithm) -> Self {
        self.secret = Some((secret, algorithm));
        self
    }

    /// Whether tokens must keep to RFC 9068. Default: [`Profile::Any`].
    #[must_use]
    pub fn profile(mut self, profile: Profile) -> Self {
        self.profile = profile;
        self
    }

    /// Where this issuer puts roles. Default: those of the API.
    #[must_use]
    pub fn roles(mut self, roles: Roles) -> Self {
        self.roles = Some(roles);
        self
    }

    /// Asks the issuer about tokens that are no JWTs.
    #[must_use]
    pub fn introspection(mut self, introspection: Introspection) -> Self {
        self.introspection = Some(introspection);
        self
    }

    /// Asks the issuer about every token, whatever it looks like; its keys are not used.
    #[must_use]
    pub fn introspection_only(mut self, introspection: Introspection) -> Self {
        self.by_keys = false;
        self.introspection(introspection)
    }

    pub(super) fn takes_opaque(&self) -> bool {
        self.introspection.is_some()
    }

    pub(super) fn accepted(
        self,
        api: &super::builder::Common,
        outside: &Outside,
    ) -> Result<Accepted, Error> {
        self.provider.must_be_safe()?;
        let audiences = self.audiences.unwrap_or_else(|| api.audiences.clone());
        if self.audience == AudienceRule::Any {
            tracing::warn!("danger: the audience of access tokens is not looked at");
        }
        let named = !matches!(self.audience, AudienceRule::Any | AudienceRule::Nobody);
        if named && (audiences.is_empty() || audiences.iter().any(String::is_empty)) {
            return Err(Error::setup(
                "an API needs the audience that tokens for it have: a name, such as its address",
            ));
        }
        if let Some(endpoint) =
            self.introspection.as_ref().and_then(|asked| asked.endpoint.as_ref())
        {
            AskResource::check(endpoint)
                .map_err(|why| Error::setup(format!("the introspection endpoint: {why}")))?;
        }
        let (keys, allowed) = match self.secret {
            Some((secret, algorithm)) => shared(&secret, algorithm)?,
            None => {
                let allowed = self.allowed.unwrap_or_else(Allowed::asymmetric);
                if allowed.iter().any(Algorithm::is_mac) {
                    return Err(Error::setup(
                        "HS256 to HS512 need a secret: TrustedIssuer::shared_secret instead of algorithms",
                    ));
                }
                (None, allowed)
            }
        };
        let way = Way { outside: outside.clone(), reached_at: self.provider.detour() };
        let identity = self.provider.identity().clone();
        Ok(Accepted {
            name: Arc::from(identity.as_str()),
            identity,
            keys: match keys {
                Some(keys) => Source::Shared(keys),
                None => Source::Published(Keys::new(&self.provider, way.clone())),
            },
            known: Known::new_for_api(self.provider, way.clone()),
            way,
            audiences,
            audience: self.audience,
            needs_kid: self.needs_kid,
            clients: self.clients,
            allowed,
            profile: self.profile,
            clock_skew: api.clock_skew,
            roles: Arc::new(self.roles.unwrap_or_else(|| api.roles.clone())),
            introspection: self.introspection,
            by_keys: self.by_keys,
        })
    }
}

/// How an issuer is asked about tokens (RFC 7662).
#[derive(Clone, Debug)]
pub struct Introspection {
    client: Asking,
    pub(super) bearer: bool,
    pub(super) endpoint: Option<Url>,
    pub(super) signed: bool,
    may_lack_audience: bool,
    own_may_lack_audience: bool,
    pub(super) any_audience: bool,
    pub(super) hint: Option<String>,
    pub(super) if_offered: bool,
    pub(super) keep: Duration,
    pub(super) jwts_too: bool,
}

impl Introspection {
    /// Asks as this client, by its own way to authenticate.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self::by(Asking::Client(Arc::new(client)))
    }

    /// Asks as the client of an application that also logs people in at this issuer, registered
    /// first if it registers itself.
    #[must_use]
    pub fn with_login(relying_party: RelyingParty) -> Self {
        Self::by(Asking::Login(relying_party))
    }

    fn by(client: Asking) -> Self {
        Self {
            client,
            bearer: false,
            endpoint: None,
            signed: false,
            may_lack_audience: false,
            own_may_lack_audience: false,
            any_audience: false,
            hint: Some("access_token".to_owned()),
            if_offered: false,
            keep: KEEP,
            jwts_too: false,
        }
    }

    /// Authenticates with the token itself (`Authorization: Bearer`), for endpoints that take that.
    #[must_use]
    pub fn bearer(mut self) -> Self {
        self.bearer = true;
        self
    }

    /// The endpoint, for a provider that does not announce it.
    #[must_use]
    pub fn endpoint(mut self, url: Url) -> Self {
        self.endpoint = Some(url);
        self
    }

    /// Wants signed answers (RFC 9701), and takes no others.
    #[must_use]
    pub fn signed(mut self) -> Self {
        self.signed = true;
        self
    }

    /// Takes answers without `aud`, for providers that write none. The provider alone decides then
    /// for which API a token is good.
    #[must_use]
    pub fn may_lack_audience(mut self) -> Self {
        self.may_lack_audience = true;
        self
    }

    /// Tokens for other audiences pass as well: whoever the provider lets ask about a token may take
    /// it. Older libraries work like that; any client's token then opens this API.
    #[must_use]
    pub fn any_audience(mut self) -> Self {
        self.any_audience = true;
        self
    }

    /// Another `token_type_hint` (RFC 7662 section 2.1) than `access_token`, or none.
    #[must_use]
    pub fn hint(mut self, hint: Option<String>) -> Self {
        self.hint = hint;
        self
    }

    /// Takes answers without `aud` about access tokens (`token_type`) of the very client that asks
    /// (`client_id`): what nobody else was given can't be meant for somebody else.
    #[must_use]
    pub fn own_may_lack_audience(mut self) -> Self {
        self.own_may_lack_audience = true;
        self
    }

    /// Asks only where that can be: a provider that announces no such endpoint is not asked, nor
    /// one to whom the client has nothing to prove itself with; and one that refuses to answer this
    /// client is heard. Tokens that are no JWTs are then refused; without this, that is a wrong
    /// setting.
    #[must_use]
    pub fn if_offered(mut self) -> Self {
        self.if_offered = true;
        self
    }

    /// For how long an answer is believed, and so for how long a revoked token may still pass; never
    /// beyond `exp`. Default: 30 s.
    #[must_use]
    pub fn keep(mut self, keep: Duration) -> Self {
        self.keep = keep;
        self
    }

    /// Asks about JWTs as well, once their signature was checked: a revoked one then stops to pass.
    #[must_use]
    pub fn jwts_too(mut self) -> Self {
        self.jwts_too = true;
        self
    }
}

impl Introspection {
    /// The client that asks.
    pub(super) async fn client(&self) -> Result<Arc<Client>, Error> {
        match &self.client {
            Asking::Client(client) => Ok(Arc::clone(client)),
            Asking::Login(relying_party) => relying_party.client().await,
        }
    }

    /// What is demanded of the `aud` of this answer.
    pub(super) fn audience_rule(&self, answer: &Document, client: &Client) -> AudienceRule {
        let text = |name| answer.get(name).and_then(|value| value.as_str()).unwrap_or_default();
        // A refresh token is the client's own as well.
        let is_access =
            || ["Bearer", "DPoP"].iter().any(|kind| kind.eq_ignore_ascii_case(text("token_type")));
        let is_own = || text("client_id") == client.id() && is_access();
        if self.any_audience {
            AudienceRule::Any
        } else if self.may_lack_audience || (self.own_may_lack_audience && is_own()) {
            AudienceRule::OursIfNamed
        } else {
            AudienceRule::Ours
        }
    }
}

/// Who asks.
#[derive(Clone, Debug)]
enum Asking {
    Client(Arc<Client>),
    Login(RelyingParty),
}

/// An issuer at work.
pub(super) struct Accepted {
    pub(super) name: Arc<str>,
    pub(super) identity: IssuerIdentity,
    pub(super) keys: Source,
    pub(super) known: Arc<Known>,
    pub(super) way: Way,
    audience: AudienceRule,
    needs_kid: bool,
    audiences: Vec<String>,
    clients: Vec<String>,
    pub(super) allowed: Allowed,
    profile: Profile,
    clock_skew: Duration,
    pub(super) roles: Arc<Roles>,
    pub(super) introspection: Option<Introspection>,
    pub(super) by_keys: bool,
}

/// Where keys come from.
pub(super) enum Source {
    /// One secret.
    Shared(KeySet),
    /// The provider's key set.
    Published(Arc<Keys>),
}

impl Accepted {
    pub(super) fn rules(&self) -> AccessTokenRules<'_> {
        AccessTokenRules {
            identity: &self.identity,
            audiences: &self.audiences,
            audience: self.audience,
            needs_kid: self.needs_kid,
            clients: &self.clients,
            allowed: &self.allowed,
            profile: self.profile,
            clock_skew: self.clock_skew,
        }
    }

    /// The issuer as it was set.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) async fn ready(&self, now: UnixTime) -> Result<(), Error> {
        let metadata = self.known.metadata(now).await?;
        if let (Source::Published(keys), true) = (&self.keys, self.by_keys) {
            keys.current(&metadata, now).await?;
        }
        Ok(())
    }
}

fn shared(secret: &Secret, algorithm: Algorithm) -> Result<(Option<KeySet>, Allowed), Error> {
    let wrong =
        || Error::setup("a shared secret needs one of HS256, HS384 and HS512, and is not empty");
    if !algorithm.is_mac() {
        return Err(wrong());
    }
    let keys = KeySet::from_secret(secret.expose().as_bytes()).map_err(|_| wrong())?;
    let allowed = Allowed::new([algorithm]).map_err(|_| wrong())?;
    if keys.has_short_secret(algorithm) {
        tracing::warn!(
            "the shared secret is shorter than RFC 7518 section 3.2 wants for {algorithm}"
        );
    }
    Ok((Some(keys), allowed))
}

const KEEP: Duration = Duration::from_secs(30);
