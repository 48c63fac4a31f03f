//! The layer of an API, driven through routers.

#[path = "../../web/tests/support/mod.rs"]
mod support;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Method, Request};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use countersign::{Dpop, ProtectedResource, Requirement, ResourceServerBuilder, danger};
use countersign_axum::{Api, ClientCertificate, Principal, Rejection, Token};
use countersign_test_kit::{Broken, DpopKey};
use countersign_web::{BODY_LIMIT, PublicAddress};
use support::api::ApiWorld;
use support::block_on;
use tower::{Layer, Service, ServiceExt};

struct Page {
    status: u16,
    headers: HeaderMap,
    text: String,
}

impl Page {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    fn code(&self) -> String {
        let body: serde_json::Value = serde_json::from_str(&self.text).unwrap();
        body["code"].as_str().unwrap_or_default().to_owned()
    }
}

async fn page(response: Response) -> Page {
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, 1 << 24).await.unwrap();
    let text = String::from_utf8_lossy(&body).into_owned();
    Page { status: parts.status.as_u16(), headers: parts.headers, text }
}

async fn ask(app: &Router, request: Request<Body>) -> Page {
    page(app.clone().oneshot(request).await.unwrap()).await
}

fn go(app: &Router, request: Request<Body>) -> Page {
    block_on(ask(app, request))
}

fn world(settings: impl FnOnce(ResourceServerBuilder) -> ResourceServerBuilder) -> (ApiWorld, Api) {
    let world = ApiWorld::new();
    let api = Api::new(countersign_web::Api::new(world.server(settings)));
    (world, api)
}

fn request(path: &str, token: Option<&str>) -> Request<Body> {
    let builder = Request::get(path);
    let builder = match token {
        Some(token) => builder.header("authorization", format!("Bearer {token}")),
        None => builder,
    };
    builder.body(Body::empty()).unwrap()
}

fn form(path: &str, body: impl Into<Body>) -> Request<Body> {
    let builder = Request::post(path);
    builder.header("content-type", "application/x-www-form-urlencoded").body(body.into()).unwrap()
}

async fn who(token: Token) -> String {
    token.subject().unwrap_or("nobody").to_owned()
}

async fn perhaps(token: Option<Token>) -> String {
    token.map_or("anonymous", |_| "somebody").to_owned()
}

async fn editor(token: Token) -> Result<&'static str, Rejection> {
    token.require(&Requirement::new().role("editor"))?;
    Ok("an editor")
}

#[test]
fn a_route_asks_for_what_its_layer_says() {
    let (world, api) = world(|api| api);
    let app = Router::new()
        .route("/open", get(async || "open"))
        .route("/me", get(who).layer(api.require(Requirement::new())))
        .route("/notes", get(who).layer(api.require(Requirement::new().scope("notes:read"))));
    let plain = world.issuer.token("alice").sign();
    let reader = world.issuer.token("alice").scope("notes:read").sign();
    assert_eq!(go(&app, request("/open", None)).text, "open");
    assert_eq!(go(&app, request("/me", Some(&plain))).text, "alice");
    assert_eq!(go(&app, request("/notes", Some(&reader))).text, "alice");
    let refused = go(&app, request("/notes", Some(&plain)));
    assert_eq!((refused.status, refused.code().as_str()), (403, "bearer.scope"));
    assert!(refused.header("www-authenticate").ends_with("scope=\"notes:read\""));
    let refused = go(&app, request("/me", None));
    assert_eq!((refused.status, refused.header("www-authenticate")), (401, "Bearer"));
    assert_eq!(refused.header("cache-control"), "no-store");
    assert_eq!(refused.header("vary"), "Authorization");
}

#[test]
fn a_layer_covers_every_route_and_nested_router_inside() {
    let (world, api) = world(|api| api);
    let inner = Router::new().route("/deep", get(who)).fallback(async || "fallback");
    let app = Router::new()
        .nest("/v1", inner)
        .route("/top", get(who))
        .layer(api.require(Requirement::new()))
        .route("/after", get(async || "open"));
    let raw = world.issuer.token("alice").sign();
    for path in ["/v1/deep", "/v1/none", "/top"] {
        assert_eq!(go(&app, request(path, None)).status, 401, "{path}");
        assert_eq!(go(&app, request(path, Some(&raw))).status, 200, "{path}");
    }
    assert_eq!(go(&app, request("/after", None)).text, "open");
}

#[test]
fn of_several_layers_each_asks_for_its_own() {
    let (world, api) = world(|api| api);
    let app = Router::new()
        .route(
            "/notes",
            get(who)
                .layer(api.require(Requirement::new().role("editor")))
                .layer(api.require(Requirement::new().scope("notes:read"))),
        )
        .layer(api.optional());
    let raw = |scope: &str, role: &str| {
        let token = world.issuer.token("alice").scope(scope).role(role);
        go(&app, request("/notes", Some(&token.sign())))
    };
    assert_eq!(raw("notes:read", "editor").text, "alice");
    assert_eq!(raw("notes:read", "x").code(), "bearer.role");
    assert_eq!(raw("x", "editor").code(), "bearer.scope");
    assert_eq!(raw("x", "x").code(), "bearer.scope");
    assert_eq!(go(&app, request("/notes", None)).code(), "bearer.missing");
}

#[test]
fn layers_of_two_apis_judge_each_for_themselves() {
    let (ours, api) = world(|api| api);
    let (_, other) = world(|api| api);
    let app = Router::new().route(
        "/both",
        get(who).layer(other.require(Requirement::new())).layer(api.require(Requirement::new())),
    );
    let raw = ours.issuer.token("alice").sign();
    let refused = go(&app, request("/both", Some(&raw)));
    assert_eq!(refused.status, 401, "what passed at one is nothing to the other");
}

/// Its proof may be looked at once only.
#[test]
fn a_dpop_bound_token_passes_several_layers_with_one_proof() {
    let world = ApiWorld::new();
    let server = world.server(|api| api.dpop(Dpop::new()));
    let address = PublicAddress::new("https://api.example").unwrap();
    let api = Api::new(countersign_web::Api::new(server).address(address));
    let app = Router::new().nest(
        "/v1",
        Router::new()
            .route("/notes", get(who).layer(api.require(Requirement::new().scope("notes:read"))))
            .layer(api.require(Requirement::new())),
    );
    let key = DpopKey::generate();
    let ask = |scope: &str, proven: &str| {
        let raw = world.issuer.token("alice").scope(scope).bound_to(&key).sign();
        let proof = key.proof("GET", proven).for_token(&raw).at(world.issuer.now()).sign();
        let request = Request::get("/v1/notes").header("dpop", proof);
        let request = request.header("authorization", format!("DPoP {raw}"));
        go(&app, request.body(Body::empty()).unwrap())
    };
    let at = "https://api.example/v1/notes";
    assert_eq!(ask("notes:read", at).text, "alice");
    assert_eq!(ask("x", at).code(), "bearer.scope", "the inner layer asks all the same");
    assert_eq!(ask("notes:read", "https://api.example/notes").code(), "dpop.htu");
}

#[test]
fn where_a_token_is_optional_a_bad_one_is_refused_all_the_same() {
    let (world, api) = world(|api| api);
    let app = Router::new().route("/", get(perhaps).layer(api.optional()));
    let raw = world.issuer.token("alice").sign();
    assert_eq!(go(&app, request("/", None)).text, "anonymous");
    assert_eq!(go(&app, request("/", Some(&raw))).text, "somebody");
    let other = Request::get("/").header("authorization", "Basic dTpw");
    assert_eq!(go(&app, other.body(Body::empty()).unwrap()).text, "anonymous");
    for broken in [Broken::Expired, Broken::WrongAudience, Broken::WrongSignature] {
        let raw = world.issuer.token("alice").broken(broken).sign();
        assert_eq!(go(&app, request("/", Some(&raw))).status, 401, "{broken:?}");
    }
    assert_eq!(go(&app, request("/", Some("a b"))).status, 400);
}

#[test]
fn a_handler_that_needs_a_token_says_so_where_the_layer_does_not() {
    let (world, api) = world(|api| api.realm("notes"));
    let app = Router::new()
        .route("/token", any(who))
        .route("/principal", any(async |who: Principal| who.subject().to_owned()))
        .route(
            "/perhaps",
            any(async |who: Option<Principal>| {
                who.map_or("nobody".to_owned(), |who| who.subject().to_owned())
            }),
        );
    let optional = app.clone().layer(api.optional());
    let raw = world.issuer.token("alice").sign();
    for path in ["/token", "/principal"] {
        let refused = go(&optional, request(path, None));
        assert_eq!((refused.status, refused.code().as_str()), (401, "bearer.missing"), "{path}");
        assert_eq!(refused.header("www-authenticate"), "Bearer realm=\"notes\"");
        assert_eq!(go(&optional, request(path, Some(&raw))).text, "alice");
    }
    assert_eq!(go(&optional, request("/perhaps", None)).text, "nobody");
    assert_eq!(go(&optional, request("/perhaps", Some(&raw))).text, "alice");

    // A preflight passes every layer, and carries no token.
    let strict = app.layer(api.require(Requirement::new()));
    let preflight = |path: &str| {
        let request = Request::options(path).header("origin", "https://other.example");
        let request = request.header("access-control-request-method", "PUT");
        go(&strict, request.body(Body::empty()).unwrap())
    };
    assert_eq!(preflight("/token").status, 401);
    assert_eq!(preflight("/principal").status, 401);
    assert_eq!(preflight("/perhaps").text, "nobody");
}

/// Whoever has neither session nor token is led to the login, as without an API.
#[test]
fn beside_sessions_a_principal_comes_from_either() {
    let site = support::World::new();
    let (world, api) = world(|api| api);
    let countersign = countersign_axum::Countersign::new(site.site.clone());
    let app = Router::new()
        .route("/", get(async |who: Principal| who.subject().to_owned()))
        .layer(countersign.layer())
        .layer(api.optional());
    let raw = world.issuer.token("carol").sign();
    assert_eq!(go(&app, request("/", Some(&raw))).text, "carol");
    let mut person = request("/", None);
    person.headers_mut().insert("sec-fetch-mode", "navigate".parse().unwrap());
    person.headers_mut().insert("host", "app.example".parse().unwrap());
    assert_eq!(go(&app, person).status, 303);
}

#[test]
fn a_handler_asks_for_one_more_thing() {
    let (world, api) = world(|api| api.realm("notes"));
    let app = Router::new().route("/", get(editor)).layer(api.require(Requirement::new()));
    let good = world.issuer.token("alice").role("editor").sign();
    assert_eq!(go(&app, request("/", Some(&good))).text, "an editor");
    let plain = world.issuer.token("alice").sign();
    let refused = go(&app, request("/", Some(&plain)));
    assert_eq!((refused.status, refused.code().as_str()), (403, "bearer.role"));
    let challenge = refused.header("www-authenticate");
    assert!(challenge.starts_with("Bearer realm=\"notes\", error=\"insufficient_scope\""));
}

#[test]
fn a_principal_is_whoever_the_token_speaks_for() {
    let (world, api) = world(|api| api);
    let app = Router::new()
        .route("/", get(async |who: Principal| who.subject().to_owned()))
        .route(
            "/perhaps",
            get(async |who: Option<Principal>| {
                who.map_or("nobody".to_owned(), |who| who.subject().to_owned())
            }),
        )
        .layer(api.require(Requirement::new()));
    let alice = world.issuer.token("alice").sign();
    assert_eq!(go(&app, request("/", Some(&alice))).text, "alice");
    assert_eq!(go(&app, request("/perhaps", Some(&alice))).text, "alice");
    let program = world.issuer.token("").without("sub").sign();
    let refused = go(&app, request("/", Some(&program)));
    assert_eq!((refused.status, refused.code().as_str()), (403, "bearer.claim"));
    assert_eq!(go(&app, request("/perhaps", Some(&program))).text, "nobody");
}

#[test]
fn a_missing_layer_is_a_mistake_of_the_application() {
    let app = Router::new()
        .route("/token", get(who))
        .route("/principal", get(async |who: Principal| who.subject().to_owned()))
        .route("/perhaps", get(perhaps));
    for path in ["/token", "/principal"] {
        let page = go(&app, request(path, Some("abc")));
        assert_eq!(page.status, 500, "{path}");
        assert!(page.text.contains("setup.layer"), "{path}: {}", page.text);
    }
    assert_eq!(go(&app, request("/perhaps", Some("abc"))).text, "anonymous", "never a token");
}

#[test]
fn a_preflight_reaches_the_applications_own_answer() {
    let (_world, api) = world(|api| api);
    let app = Router::new()
        .route("/", any(async || "cors").layer(api.require(Requirement::new().scope("x"))));
    let preflight = Request::options("/")
        .header("origin", "https://other.example")
        .header("access-control-request-method", "PUT");
    assert_eq!(go(&app, preflight.body(Body::empty()).unwrap()).text, "cors");
    let options = Request::options("/").body(Body::empty()).unwrap();
    assert_eq!(go(&app, options).status, 401);
}

#[test]
fn head_is_answered_as_get_without_a_body() {
    let (world, api) = world(|api| api);
    let app = Router::new().route("/", get(who).layer(api.require(Requirement::new())));
    let head = |token: Option<&str>| {
        let mut request = request("/", token);
        *request.method_mut() = Method::HEAD;
        go(&app, request)
    };
    let refused = head(None);
    assert_eq!((refused.status, refused.text.as_str()), (401, ""));
    assert_eq!(refused.header("www-authenticate"), "Bearer");
    assert_eq!(head(Some(&world.issuer.token("alice").sign())).status, 200);
}

#[test]
fn the_metadata_stand_at_their_path_for_everybody() {
    let resource = ProtectedResource::new("https://api.example/notes").unwrap();
    let (_world, api) = world(|api| api.resource(resource.scopes(["notes:read"])));
    let app = Router::new()
        .route("/notes", get(who).layer(api.require(Requirement::new())))
        .merge(api.routes());
    let refused = go(&app, request("/notes", None));
    let challenge = refused.header("www-authenticate");
    let at = challenge.split("resource_metadata=\"").nth(1).unwrap().trim_end_matches('"');
    let page = go(&app, request(at.strip_prefix("https://api.example").unwrap(), None));
    assert_eq!(page.status, 200);
    let document: serde_json::Value = serde_json::from_str(&page.text).unwrap();
    assert_eq!(document["resource"], "https://api.example/notes");
    assert_eq!(document["scopes_supported"][0], "notes:read");

    let (_world, bare) = world_without_address();
    let app: Router = bare.routes();
    let page = go(&app, request("/.well-known/oauth-protected-resource", None));
    assert_eq!(page.status, 404);
}

fn world_without_address() -> (ApiWorld, Api) {
    world(|api| api)
}

#[test]
fn a_provider_that_is_down_is_told_as_such_and_comes_back() {
    let (world, api) = world(|api| api);
    let app = Router::new().route("/", get(who).layer(api.require(Requirement::new())));
    let raw = world.issuer.token("alice").sign();
    world.wire().down = true;
    let page = go(&app, request("/", Some(&raw)));
    assert_eq!(page.status, 503);
    let wait: u64 = page.header("retry-after").parse().unwrap();
    world.wire().down = false;
    world.seconds(wait);
    assert_eq!(go(&app, request("/", Some(&raw))).text, "alice");
}

mod body {
    use super::*;

    fn app(api: &Api) -> Router {
        Router::new().route(
            "/",
            post(async |body: Bytes| body.len().to_string())
                .layer(axum::extract::DefaultBodyLimit::disable())
                .layer(api.require(Requirement::new())),
        )
    }

    #[test]
    fn a_token_in_a_form_leaves_the_form_to_the_handler() {
        let (world, api) = world(danger::token_in_form);
        let app = Router::new().route(
            "/",
            post(async |token: Token, body: String| format!("{:?} {body}", token.subject()))
                .layer(api.require(Requirement::new())),
        );
        let raw = world.issuer.token("alice").sign();
        let body = format!("title=a%20b&access_token={raw}&more=");
        let page = go(&app, form("/", body.clone()));
        assert_eq!((page.status, page.text), (200, format!("Some(\"alice\") {body}")));
        assert_eq!(go(&app, form("/", "title=x")).code(), "bearer.missing");
        let mut both = form("/", body);
        both.headers_mut().insert("authorization", format!("Bearer {raw}").parse().unwrap());
        assert_eq!(go(&app, both).code(), "bearer.request");
    }

    #[test]
    fn without_danger_no_body_is_touched() {
        let (world, api) = world(|api| api);
        let raw = world.issuer.token("alice").sign();
        let polled = Arc::new(AtomicUsize::new(0));
        let seen = Arc::clone(&polled);
        let chunks = futures_util::stream::poll_fn(move |_| {
            seen.fetch_add(1, Ordering::SeqCst);
            Poll::Ready(None::<Result<Bytes, Infallible>>)
        });
        let page = go(&app(&api), form("/", Body::from_stream(chunks)));
        assert_eq!((page.status, polled.load(Ordering::SeqCst)), (401, 0));
        let page = go(&app(&api), form("/", format!("access_token={raw}")));
        assert_eq!(page.code(), "bearer.missing");
    }

    /// More than is read for a token, in chunks: the handler gets every byte.
    #[test]
    fn a_large_form_reaches_the_handler_whole() {
        let (world, api) = world(danger::token_in_form);
        let raw = world.issuer.token("alice").sign();
        for size in [0, 1, BODY_LIMIT - 1, BODY_LIMIT, BODY_LIMIT + 1, 5 * BODY_LIMIT] {
            let chunks = vec![b'a'; size].chunks(1000).map(<[u8]>::to_vec).collect::<Vec<_>>();
            let chunks = chunks.into_iter().map(|chunk| Ok::<_, Infallible>(Bytes::from(chunk)));
            let mut request = form("/", Body::from_stream(futures_util::stream::iter(chunks)));
            let value = format!("Bearer {raw}").parse().unwrap();
            request.headers_mut().insert("authorization", value);
            let page = go(&app(&api), request);
            assert_eq!((page.status, page.text), (200, size.to_string()), "{size}");
        }
    }

    #[test]
    fn a_token_behind_the_limit_is_none() {
        let (world, api) = world(danger::token_in_form);
        let raw = world.issuer.token("alice").sign();
        let body = format!("a={}&access_token={raw}", "a".repeat(BODY_LIMIT));
        assert_eq!(go(&app(&api), form("/", body)).code(), "bearer.missing");
        let body = format!("access_token={raw}&a={}", "a".repeat(BODY_LIMIT));
        assert_eq!(go(&app(&api), form("/", body)).code(), "bearer.missing");
    }

    /// A handler must not take half a form for a whole one.
    #[test]
    fn a_form_that_breaks_off_breaks_off_for_the_handler_as_well() {
        let (world, api) = world(danger::token_in_form);
        let raw = world.issuer.token("alice").sign();
        let chunks = || {
            let error = std::io::Error::other("gone");
            let first = Bytes::from(format!("x={raw}"));
            Body::from_stream(futures_util::stream::iter([Ok(first), Err(error)]))
        };
        assert_eq!(go(&app(&api), form("/", chunks())).code(), "bearer.missing");
        let mut request = form("/", chunks());
        let value = format!("Bearer {raw}").parse().unwrap();
        request.headers_mut().insert("authorization", value);
        assert_eq!(go(&app(&api), request).status, 400, "as axum answers a broken body");
    }

    #[test]
    fn other_bodies_are_not_read() {
        let (world, api) = world(danger::token_in_form);
        let raw = world.issuer.token("alice").sign();
        let request = Request::post("/").header("content-type", "text/plain");
        let request = request.body(Body::from(format!("access_token={raw}"))).unwrap();
        assert_eq!(go(&app(&api), request).code(), "bearer.missing");
    }
}

#[test]
fn a_client_certificate_comes_as_an_extension() {
    let (world, api) = world(|api| api);
    let app = Router::new().route("/", get(who).layer(api.require(Requirement::new())));
    let raw = world.issuer.token("alice").bound_to_certificate(b"der").sign();
    let with = |der: Option<&'static [u8]>| {
        let mut request = request("/", Some(&raw));
        if let Some(der) = der {
            request.extensions_mut().insert(ClientCertificate(Bytes::from_static(der)));
        }
        go(&app, request)
    };
    assert_eq!(with(Some(b"der")).text, "alice");
    assert_eq!(with(Some(b"other")).code(), "access_token.confirmation");
    assert_eq!(with(None).code(), "access_token.confirmation");
}

#[test]
fn the_peer_decides_whose_forwarding_headers_count() {
    let world = ApiWorld::new();
    let server = world.server(|api| api.dpop(Dpop::new()));
    let address = PublicAddress::new("https://api.example").unwrap();
    let address = address.also("https://other.example").unwrap();
    let address = address.trust_proxies(["10.0.0.1"]).unwrap();
    let api = Api::new(countersign_web::Api::new(server).address(address));
    let app = Router::new().route("/", get(who).layer(api.require(Requirement::new())));
    let key = DpopKey::generate();
    let raw = world.issuer.token("alice").bound_to(&key).sign();
    let from = |peer: [u8; 4]| {
        let proof = key.proof("GET", "https://other.example/").for_token(&raw);
        let request = Request::get("/")
            .header("authorization", format!("DPoP {raw}"))
            .header("dpop", proof.at(world.issuer.now()).sign())
            .header("x-forwarded-host", "other.example");
        let mut request = request.body(Body::empty()).unwrap();
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from((peer, 1))));
        go(&app, request)
    };
    assert_eq!(from([10, 0, 0, 1]).text, "alice");
    assert_eq!(from([10, 0, 0, 2]).code(), "dpop.htu");
}

/// Everybody waits for the one who asks.
#[test]
fn many_requests_at_once_fetch_the_keys_once() {
    let (world, api) = world(|api| api);
    let app = Router::new().route("/", get(who).layer(api.require(Requirement::new())));
    let raw: Vec<_> = (0..8).map(|n| world.issuer.token(format!("user-{n}")).sign()).collect();
    world.close();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    runtime.block_on(async {
        let mut tasks = Vec::new();
        for n in 0..64 {
            let (app, raw) = (app.clone(), raw[n % raw.len()].clone());
            let task = async move { ask(&app, request("/", Some(&raw))).await };
            tasks.push((n, tokio::spawn(task)));
        }
        // They all wait for the answer that is held back.
        while world.asked("/.well-known/openid-configuration") == 0 {
            tokio::task::yield_now().await;
        }
        world.open();
        for (n, task) in tasks {
            let page = task.await.unwrap();
            assert_eq!((page.status, page.text), (200, format!("user-{}", n % raw.len())));
        }
    });
    assert_eq!(world.asked("/.well-known/openid-configuration"), 1);
    assert_eq!(world.asked("/jwks"), 1);
}

mod readiness {
    use super::*;

    /// As tower allows: a service that is called without having said that it is ready breaks.
    struct Strict {
        ready: bool,
        made: Arc<AtomicUsize>,
    }

    impl Clone for Strict {
        fn clone(&self) -> Self {
            self.made.fetch_add(1, Ordering::SeqCst);
            Self { ready: false, made: Arc::clone(&self.made) }
        }
    }

    impl Service<Request<Body>> for Strict {
        type Response = Response;
        type Error = Infallible;
        type Future = std::future::Ready<Result<Response, Infallible>>;

        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
            self.ready = true;
            Poll::Ready(Ok(()))
        }

        fn call(&mut self, request: Request<Body>) -> Self::Future {
            assert!(self.ready, "it was called without having been asked whether it is ready");
            self.ready = false;
            let who = request.extensions().get::<Token>().map(|token| token.subject().is_some());
            std::future::ready(Ok(format!("{who:?}").into_response()))
        }
    }

    #[test]
    fn the_service_that_is_ready_is_the_one_that_is_called() {
        let (world, api) = world(|api| api);
        let made = Arc::new(AtomicUsize::new(0));
        let strict = Strict { ready: false, made: Arc::clone(&made) };
        let mut service = api.require(Requirement::new()).layer(strict);
        let raw = world.issuer.token("alice").sign();
        block_on(async {
            // By way of the network, then at once, then refused, and good again.
            for (token, status) in
                [(Some(&*raw), 200), (Some(&raw), 200), (None, 401), (Some(&raw), 200)]
            {
                let ready = service.ready().await.unwrap();
                let page = page(ready.call(request("/", token)).await.unwrap()).await;
                assert_eq!(page.status, status, "{}", page.text);
            }
        });
        assert_eq!(made.load(Ordering::SeqCst), 1, "only waiting needs a clone");
    }

    #[test]
    fn a_request_that_waits_does_not_hold_up_the_next() {
        let (world, api) = world(|api| api);
        let strict = Strict { ready: false, made: Arc::default() };
        let mut service = api.require(Requirement::new()).layer(strict);
        let raw = world.issuer.token("alice").sign();
        world.close();
        block_on(async {
            let first = service.ready().await.unwrap().call(request("/", Some(&raw)));
            let second = service.ready().await.unwrap().call(request("/", None));
            assert_eq!(page(second.await.unwrap()).await.status, 401);
            world.open();
            assert_eq!(page(first.await.unwrap()).await.status, 200);
        });
    }

    /// A client that goes away takes nobody with it.
    #[test]
    fn a_request_that_is_given_up_leaves_the_others_alone() {
        let (world, api) = world(|api| api);
        let app = Router::new().route("/", get(who).layer(api.require(Requirement::new())));
        let raw = world.issuer.token("alice").sign();
        world.close();
        block_on(async {
            let mut first = Box::pin(ask(&app, request("/", Some(&raw))));
            let mut second = Box::pin(ask(&app, request("/", Some(&raw))));
            for waiting in [&mut first, &mut second] {
                let once = std::future::poll_fn(|context| {
                    Poll::Ready(waiting.as_mut().poll(context).is_pending())
                });
                assert!(once.await);
            }
            drop(first);
            world.open();
            assert_eq!(second.await.text, "alice");
        });
    }
}
