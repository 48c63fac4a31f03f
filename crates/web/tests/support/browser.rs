//! A browser: a cookie jar, the headers that browsers send, and a site to talk to.

use std::collections::BTreeMap;
use std::net::IpAddr;

use countersign_web::{Decision, Reply, WebRequest};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header};
use url::Url;

use super::{World, block_on};

#[derive(Clone)]
pub struct Browser {
    world: World,
    pub cookies: BTreeMap<String, String>,
}

/// One request.
#[derive(Clone)]
pub struct Wish {
    pub method: Method,
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
    pub peer: Option<IpAddr>,
    pub cookies: bool,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Wish {
    /// A person follows a link on our own site.
    pub fn navigate(path: &str) -> Self {
        let headers = [
            ("accept", "text/html,application/xhtml+xml,*/*;q=0.8"),
            ("sec-fetch-mode", "navigate"),
            ("sec-fetch-dest", "document"),
            ("sec-fetch-site", "same-origin"),
        ];
        headers.into_iter().fold(Self::bare(path), |wish, (name, value)| wish.with(name, value))
    }

    /// A script fetches something.
    pub fn fetch(path: &str) -> Self {
        let headers = [
            ("accept", "*/*"),
            ("sec-fetch-mode", "cors"),
            ("sec-fetch-dest", "empty"),
            ("sec-fetch-site", "same-origin"),
        ];
        headers.into_iter().fold(Self::bare(path), |wish, (name, value)| wish.with(name, value))
    }

    /// No headers but `Host`.
    pub fn bare(path: &str) -> Self {
        Self {
            method: Method::GET,
            path: path.to_owned(),
            headers: Vec::new(),
            body: String::new(),
            peer: None,
            cookies: true,
        }
    }

    /// A form of one of our own pages.
    pub fn post(path: &str, fields: &[(String, String)]) -> Self {
        let body =
            url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let mut wish = Self::navigate(path)
            .with("content-type", "application/x-www-form-urlencoded")
            .with("origin", super::HTTPS);
        wish.method = Method::POST;
        wish.body = body;
        wish
    }

    /// A form of another site's page: `SameSite=Lax` cookies stay at home.
    pub fn cross_site_post(path: &str, fields: &[(String, String)]) -> Self {
        let mut wish = Self::post(path, fields)
            .with("sec-fetch-site", "cross-site")
            .with("origin", super::provider::ISSUER);
        wish.cookies = false;
        wish
    }

    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(own, _)| own != name);
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(own, _)| own != name);
        self
    }

    pub fn method(mut self, method: Method) -> Self {
        self.method = method;
        self
    }

    pub fn peer(mut self, peer: &str) -> Self {
        self.peer = Some(peer.parse().unwrap());
        self
    }
}

impl Browser {
    pub fn new(world: &World) -> Self {
        Self { world: world.clone(), cookies: BTreeMap::new() }
    }

    /// The same browser at another process of the site.
    pub fn moved(&self, world: &World) -> Self {
        Self { world: world.clone(), cookies: self.cookies.clone() }
    }

    /// Asks the site: its endpoints first, then the application behind its guard.
    pub fn ask(&mut self, wish: Wish) -> Answer {
        self.send(wish, true)
    }

    /// The same with an application that lets everybody in.
    pub fn ask_public(&mut self, wish: Wish) -> Answer {
        self.send(wish, false)
    }

    pub fn go(&mut self, path: &str) -> Answer {
        self.ask(Wish::navigate(path))
    }

    /// From a protected page over the provider back to it.
    pub fn log_in(&mut self, path: &str) -> Answer {
        let away = self.go(path);
        assert_eq!(away.status, 303, "{}", away.text());
        self.come_back(&away)
    }

    /// The person says yes at the provider; follows the callback's redirect.
    pub fn come_back(&mut self, away: &Answer) -> Answer {
        let back = self.callback(away);
        if back.status != 303 {
            return back;
        }
        let target = back.location();
        self.go(&target)
    }

    /// The person says yes at the provider; the callback's own answer.
    pub fn callback(&mut self, away: &Answer) -> Answer {
        let callback = query(&self.world.provider.yes(&away.location()));
        self.ask(Wish::navigate(&callback).with("sec-fetch-site", "cross-site"))
    }

    fn send(&mut self, wish: Wish, guarded: bool) -> Answer {
        let mut headers = HeaderMap::new();
        let host = self.world.site.address().url("/");
        let host = host.as_str().split("//").nth(1).unwrap().split('/').next().unwrap().to_owned();
        headers.insert(header::HOST, host.parse().unwrap());
        for (name, value) in &wish.headers {
            let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
            headers.insert(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        if wish.cookies && !self.cookies.is_empty() {
            let cookies: Vec<_> = self.cookies.iter().map(|(n, v)| format!("{n}={v}")).collect();
            headers.insert(header::COOKIE, cookies.join("; ").parse().unwrap());
        }
        let path = match Url::parse(&wish.path) {
            Ok(url) => url[url::Position::BeforePath..url::Position::AfterQuery].to_owned(),
            Err(_) => wish.path.clone(),
        };
        let uri: Uri = path.parse().unwrap();
        let request = WebRequest::new(&wish.method, &uri, &headers)
            .peer(wish.peer)
            .body(wish.body.as_bytes());
        let site = &self.world.site;
        let answer = block_on(async {
            if let Some(reply) = site.endpoint(&request).await {
                return Answer::from(reply);
            }
            let visit = if guarded {
                match site.guard(&request).await {
                    Decision::Answer(reply) => return Answer::from(reply),
                    Decision::Pass(visit) => *visit,
                }
            } else {
                site.visit(&request).await
            };
            let mut headers = HeaderMap::new();
            visit.apply(&mut headers);
            if let Some(trouble) = visit.trouble() {
                headers.insert("x-trouble", trouble.status.as_u16().into());
            }
            let who = visit.session().map_or("nobody", |session| session.subject());
            Answer { status: 200, headers, body: who.into() }
        });
        self.keep(&answer);
        answer
    }

    fn keep(&mut self, answer: &Answer) {
        for (name, value, attributes) in answer.cookies() {
            assert!(
                name.len() + value.len() + attributes.len() + 3 < 4096,
                "browsers drop a cookie of {} bytes",
                name.len() + value.len() + attributes.len()
            );
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(&name);
            } else {
                self.cookies.insert(name, value);
            }
        }
    }

    /// The one cookie whose name contains this.
    pub fn cookie(&self, part: &str) -> Option<String> {
        self.cookies.iter().find(|(name, _)| name.contains(part)).map(|(_, value)| value.clone())
    }

    pub fn names(&self, part: &str) -> Vec<String> {
        self.cookies.keys().filter(|name| name.contains(part)).cloned().collect()
    }

    pub fn drop_cookies(&mut self, part: &str) {
        self.cookies.retain(|name, _| !name.contains(part));
    }
}

/// The callback's path with these parameters.
pub fn query(parameters: &[(String, String)]) -> String {
    let query =
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
    format!("/auth/callback?{query}")
}

impl Answer {
    pub fn location(&self) -> String {
        let location = self.headers.get(header::LOCATION);
        location
            .unwrap_or_else(|| panic!("no redirect: {}", self.text()))
            .to_str()
            .unwrap()
            .to_owned()
    }

    /// Whether it leads to the provider.
    pub fn goes_to_provider(&self) -> bool {
        self.status == 303
            && self.location().starts_with(&format!("{}/authorize", super::provider::ISSUER))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.text()))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Name, value and attributes of each cookie that is set.
    pub fn cookies(&self) -> Vec<(String, String, String)> {
        let lines = self.headers.get_all(header::SET_COOKIE).iter();
        lines
            .map(|line| {
                let line = line.to_str().unwrap();
                let (pair, attributes) = line.split_once(';').unwrap();
                let (name, value) = pair.split_once('=').unwrap();
                (name.to_owned(), value.to_owned(), attributes.to_owned())
            })
            .collect()
    }
}

impl From<Reply> for Answer {
    fn from(reply: Reply) -> Self {
        let response = reply.into_http();
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        Self { status, headers, body: response.into_body().to_vec() }
    }
}
