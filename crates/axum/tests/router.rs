//! The face, driven through a router.

#[path = "../../web/tests/support/mod.rs"]
mod support;

use std::collections::BTreeMap;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use axum::routing::get;
use countersign_axum::{Claims, Countersign, Principal, Session};
use support::browser::query;
use support::{World, block_on};
use tower::ServiceExt;

struct Tab {
    world: World,
    app: Router,
    cookies: BTreeMap<String, String>,
}

struct Page {
    status: u16,
    location: String,
    cache: String,
    vary: Vec<String>,
    set: usize,
    text: String,
}

impl Tab {
    fn new(world: &World, app: Router) -> Self {
        Self { world: world.clone(), app, cookies: BTreeMap::new() }
    }

    fn go(&mut self, path: &str) -> Page {
        self.ask(
            Request::get(path).header("sec-fetch-mode", "navigate").body(Body::empty()).unwrap(),
        )
    }

    fn ask(&mut self, mut request: Request<Body>) -> Page {
        let cookies: Vec<_> = self.cookies.iter().map(|(n, v)| format!("{n}={v}")).collect();
        let headers = request.headers_mut();
        if !cookies.is_empty() {
            headers.insert(header::COOKIE, cookies.join("; ").parse().unwrap());
        }
        headers.insert(header::HOST, "app.example".parse().unwrap());
        let app = self.app.clone();
        let (parts, body) = block_on(async {
            let (parts, body) = app.oneshot(request).await.unwrap().into_parts();
            (parts, to_bytes(body, 1 << 20).await.unwrap())
        });
        let mut set = 0;
        for line in parts.headers.get_all(header::SET_COOKIE) {
            let (pair, attributes) = line.to_str().unwrap().split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            set += 1;
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let text = |name| {
            let value = parts.headers.get(name);
            value.map_or(String::new(), |value| value.to_str().unwrap().to_owned())
        };
        Page {
            status: parts.status.as_u16(),
            location: text(header::LOCATION),
            cache: text(header::CACHE_CONTROL),
            vary: parts
                .headers
                .get_all(header::VARY)
                .iter()
                .map(|value| value.to_str().unwrap().to_owned())
                .collect(),
            set,
            text: String::from_utf8(body.to_vec()).unwrap(),
        }
    }

    fn log_in(&mut self, path: &str) -> Page {
        let away = self.go(path);
        assert_eq!(away.status, 303, "{}", away.text);
        let back = self.go(&query(&self.world.provider.yes(&away.location)));
        assert_eq!(back.status, 303, "{}", back.text);
        self.go(&back.location)
    }
}

#[derive(serde::Deserialize)]
struct Mail {
    email: String,
}

#[derive(serde::Deserialize)]
#[expect(dead_code, reason = "only its absence matters")]
struct Phone {
    phone_number: String,
}

fn app(countersign: &Countersign) -> Router {
    Router::new()
        .route(
            "/",
            get(async |who: Option<Principal>| {
                who.map_or("nobody".to_owned(), |who| who.subject().to_owned())
            }),
        )
        .route("/profile", get(async |who: Principal| who.subject().to_owned()))
        .route("/scope", get(async |session: Session| session.scope().to_owned()))
        .route("/mail", get(async |Claims(mail): Claims<Mail>| mail.email))
        .route("/phone", get(async |_: Claims<Phone>| "a phone"))
        .route("/plain", get(async || "plain"))
        .layer(countersign.layer())
        .merge(countersign.routes())
}

fn tab(world: &World) -> Tab {
    Tab::new(world, app(&Countersign::new(world.site.clone())))
}

#[test]
fn a_handler_that_asks_for_somebody_gets_somebody() {
    let world = World::new();
    let mut tab = tab(&world);
    assert_eq!(tab.go("/").text, "nobody");
    let page = tab.log_in("/profile?a=1");
    assert_eq!((page.status, page.text.as_str()), (200, "alice"));
    assert_eq!(tab.go("/").text, "alice");
    assert_eq!(tab.go("/mail").text, "alice@example.com");
    assert!(tab.go("/scope").text.contains("openid"));
}

#[test]
fn a_program_gets_401_as_json() {
    let world = World::new();
    let request = Request::get("/profile").header("accept", "application/json");
    let page = tab(&world).ask(request.body(Body::empty()).unwrap());
    assert_eq!(page.status, 401);
    assert!(page.text.contains("\"error\":\"session.required\""), "{}", page.text);
    assert!(page.text.contains("/auth/login?return_to=%2Fprofile"), "{}", page.text);
    assert_eq!(page.set, 0);
}

#[test]
fn claims_that_do_not_fit_are_refused() {
    let world = World::new();
    let mut tab = tab(&world);
    tab.log_in("/profile");
    let page = tab.go("/phone");
    assert_eq!(page.status, 403);
    assert!(page.text.contains("session.claims"));
}

#[test]
fn a_page_that_asks_nobody_is_left_alone() {
    let world = World::new();
    let mut tab = tab(&world);
    tab.log_in("/profile");
    let page = tab.go("/plain");
    assert_eq!((page.set, page.cache.as_str(), page.vary.len()), (0, "", 0));
    let page = tab.go("/");
    assert_eq!((page.cache.as_str(), page.vary), ("no-store", vec!["Cookie".to_owned()]));
}

#[test]
fn a_renewed_session_reaches_the_browser() {
    let world = World::new();
    world.provider.script().refresh_tokens = true;
    let mut tab = tab(&world);
    tab.log_in("/profile");
    let before = tab.cookies.clone();
    world.seconds(3590);
    let page = tab.go("/profile");
    assert_eq!((page.text.as_str(), page.set), ("alice", 1));
    assert_ne!(tab.cookies, before);
    assert_eq!(tab.go("/profile").set, 0);
}

#[test]
fn the_guard_lets_nobody_pass_who_is_not_logged_in() {
    let world = World::new();
    let countersign = Countersign::new(world.site.clone());
    let app = Router::new()
        .route("/plain", get(async || "plain"))
        .route("/me", get(async |who: Principal| who.subject().to_owned()))
        .layer(countersign.guard())
        .merge(countersign.routes());
    let mut tab = Tab::new(&world, app);
    let page = tab.go("/plain");
    assert_eq!((page.status, page.text.as_str()), (303, ""), "not a byte of the page");
    assert_eq!(tab.log_in("/plain").text, "plain");
    assert_eq!(tab.go("/me").text, "alice");
}

#[test]
fn a_guard_around_everything_still_lets_people_log_in() {
    let world = World::new();
    let countersign = Countersign::new(world.site.clone());
    let app = Router::new()
        .route("/plain", get(async || "plain"))
        .merge(countersign.routes())
        .layer(countersign.guard());
    assert_eq!(Tab::new(&world, app).log_in("/plain").text, "plain");
}

#[test]
fn a_nested_router_keeps_the_whole_target() {
    let world = World::new();
    let countersign = Countersign::new(world.site.clone());
    let inner = Router::new()
        .route("/page", get(async |who: Principal| who.subject().to_owned()))
        .layer(countersign.layer());
    let app = Router::new().nest("/notes", inner).merge(countersign.routes());
    let mut tab = Tab::new(&world, app);
    let away = tab.go("/notes/page?b=2");
    let back = tab.go(&query(&world.provider.yes(&away.location)));
    assert_eq!(back.location, "/notes/page?b=2");
}

#[test]
fn an_extractor_without_the_layer_names_the_mistake() {
    let world = World::new();
    let app = Router::new().route("/profile", get(async |_: Principal| ""));
    let page = Tab::new(&world, app).go("/profile");
    assert_eq!(page.status, 500);
    assert!(page.text.contains("setup.layer"));
}

#[test]
fn a_form_larger_than_the_limit_is_refused() {
    let world = World::new();
    let request = Request::post("/auth/callback")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from("a".repeat(10 * 1024 * 1024)))
        .unwrap();
    assert_eq!(tab(&world).ask(request).status, 413);
}
