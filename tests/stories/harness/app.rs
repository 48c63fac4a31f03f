//! The protected application: the axum face with sealed cookies, on a port of its own.

use std::net::SocketAddr;

use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use countersign::outside::Outside;
use countersign::{
    Client, Issuer, Provider, RegistrationRequest, RelyingParty, RelyingPartyBuilder, Secret,
};
use countersign_axum::{Countersign, Principal, Session};
use countersign_dev_provider::Client as KnownClient;
use countersign_jose::Algorithm;
use countersign_web::{KeyRing, PublicAddress, Site, SiteBuilder};
use http::StatusCode;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use url::Url;

use super::browser::Browser;
use super::secrets::Kind;
use super::world::World;

/// Where people find the application; TLS ends before it.
pub(crate) const HTTPS: &str = "https://app.example";
pub(crate) const CLIENT: &str = "web";
pub(crate) const CLIENT_SECRET: &str = "client-secret-of-the-stories-0123456789";
pub(crate) const RING: &str = "cookie-secret-of-the-stories-number-one";

/// How an application is set up.
pub(crate) struct Settings {
    /// The public address; none for `http://localhost` and the port.
    base: Option<&'static str>,
    alg: Option<Algorithm>,
    registers: bool,
    ring: String,
    trusts: bool,
    party: Box<dyn FnOnce(RelyingPartyBuilder) -> RelyingPartyBuilder + Send>,
    site: Box<dyn FnOnce(SiteBuilder) -> SiteBuilder + Send>,
    known: Box<dyn FnOnce(KnownClient) -> KnownClient + Send>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            base: Some(HTTPS),
            alg: None,
            registers: false,
            ring: RING.to_owned(),
            trusts: false,
            party: Box::new(|party| party),
            site: Box::new(|site| site),
            known: Box::new(|client| client),
        }
    }
}

impl Settings {
    pub(crate) fn on_loopback(self) -> Self {
        Self { base: None, ..self }
    }

    /// The one algorithm of its ID tokens, at the provider and here.
    pub(crate) fn alg(self, alg: impl Into<Option<Algorithm>>) -> Self {
        Self { alg: alg.into(), ..self }
    }

    /// Registers itself instead of being known beforehand.
    pub(crate) fn registers(self) -> Self {
        Self { registers: true, ..self }
    }

    pub(crate) fn ring(self, ring: &str) -> Self {
        Self { ring: ring.to_owned(), ..self }
    }

    /// Takes forwarding headers from whoever connects.
    pub(crate) fn trusts_everybody(self) -> Self {
        Self { trusts: true, ..self }
    }

    pub(crate) fn party(
        self,
        party: impl FnOnce(RelyingPartyBuilder) -> RelyingPartyBuilder + Send + 'static,
    ) -> Self {
        Self { party: Box::new(party), ..self }
    }

    pub(crate) fn site(
        self,
        site: impl FnOnce(SiteBuilder) -> SiteBuilder + Send + 'static,
    ) -> Self {
        Self { site: Box::new(site), ..self }
    }

    /// Changes the client as the provider knows it.
    pub(crate) fn known(
        self,
        known: impl FnOnce(KnownClient) -> KnownClient + Send + 'static,
    ) -> Self {
        Self { known: Box::new(known), ..self }
    }
}

pub(crate) struct App {
    pub(crate) base: Url,
    pub(crate) address: SocketAddr,
    browser: Browser,
    _serving: JoinSet<()>,
}

impl App {
    pub(crate) async fn start(world: &World, settings: Settings) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let base = settings
            .base
            .map_or_else(|| format!("http://localhost:{}", address.port()), str::to_owned);
        let trusted: &[&str] = if settings.trusts { &["127.0.0.0/8"] } else { &[] };
        let public = PublicAddress::new(&base).unwrap();
        let public = public.trust_proxies(trusted.iter().copied()).unwrap();
        let callback = public.url("/auth/callback");
        let logged_out = public.url("/auth/logged-out");
        // The provider comes by itself, not through what ends TLS.
        let back_channel = format!("http://{address}/auth/backchannel-logout");

        let issuer = Issuer::parse(world.provider.issuer()).unwrap();
        let provider = Provider::discover(issuer);
        let party = if settings.registers {
            let request = RegistrationRequest::new([callback.clone()])
                .post_logout_redirect_uris([logged_out])
                .back_channel_logout_uri(Url::parse(&back_channel).unwrap())
                .id_token_alg(usual_alg(world));
            RelyingParty::registering(provider, request, callback)
        } else {
            let mut known = KnownClient::confidential(CLIENT, CLIENT_SECRET)
                .redirect_uri(callback.as_str())
                .post_logout_redirect_uri(logged_out.as_str())
                .back_channel_logout_uri(back_channel);
            let mut client = Client::with_secret(CLIENT, Secret::from(CLIENT_SECRET));
            known = known.id_token_algorithm(settings.alg.unwrap_or(usual_alg(world)));
            if let Some(alg) = settings.alg {
                client = client.id_token_alg(alg);
            }
            world.provider.add_client((settings.known)(known));
            RelyingParty::builder(provider, client, callback)
        };
        let outside = Outside::new(world.tap.clone()).clock(world.clock.clone());
        let party = (settings.party)(party).build(outside).unwrap();
        let ring = KeyRing::parse(&settings.ring).unwrap();
        let site = (settings.site)(Site::builder(party, public, ring)).build().unwrap();

        world.secrets.learn(Kind::ClientSecret, CLIENT_SECRET);
        settings.ring.lines().for_each(|line| world.secrets.learn(Kind::CookieSecret, line));
        let router = router(&Countersign::new(site));
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            let service = router.into_make_service_with_connect_info::<SocketAddr>();
            axum::serve(listener, service).await.unwrap();
        });
        let base = Url::parse(&base).unwrap();
        let browser =
            Browser::new(base.clone(), address, world.clock.clone(), world.secrets.clone());
        Self { base, address, browser, _serving: serving }
    }

    /// A new browser, without cookies.
    pub(crate) fn browser(&self) -> Browser {
        self.browser.clone()
    }

    /// A browser that has logged in.
    pub(crate) async fn logged_in(&self) -> Browser {
        let mut browser = self.browser();
        let end = browser.walk("/profile").await;
        assert_eq!(end.status, 200, "logging in ended at {}: {}", end.name(), end.body);
        browser
    }
}

/// What the provider signs with where nothing else was agreed upon.
fn usual_alg(world: &World) -> Algorithm {
    let has_rsa = world.provider.key_set_document().contains(r#""RSA""#);
    if has_rsa { Algorithm::Rs256 } else { Algorithm::Es256 }
}

fn router(countersign: &Countersign) -> Router {
    Router::new()
        .route("/", get(async || Html("<p>Everybody may read this.")))
        .route("/profile", get(profile))
        .route("/notes/{*rest}", get(profile))
        .route("/form", post(profile))
        .route("/me", get(me))
        .layer(countersign.layer())
        .merge(countersign.routes())
}

async fn profile(person: Principal) -> Html<String> {
    Html(format!("<p>Hello {}", person.subject()))
}

async fn me(session: Option<Session>) -> Response {
    match session {
        None => StatusCode::UNAUTHORIZED.into_response(),
        Some(session) => Json(json!({
            "sub": session.subject(),
            "claims": session.claims(),
            "user_info": session.user_info(),
            "refreshed": session.refreshed(),
            "groups": session.claim("groups"),
        }))
        .into_response(),
    }
}
