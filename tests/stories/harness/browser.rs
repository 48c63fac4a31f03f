//! A browser without a screen: a cookie jar, the headers that browsers send, pages with forms. It
//! follows nothing by itself; [`Browser::walk`] does what a person and a browser would do next.

use std::collections::HashMap;
use std::net::SocketAddr;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, header};
use url::{Url, form_urlencoded};

use super::cookies::{Bringing, Jar};
use super::secrets::{Kind, Secrets};
use super::wire;
use super::world::HandClock;

/// Clones are copies: two browsers with the same cookies.
#[derive(Clone)]
pub(crate) struct Browser {
    pub(crate) jar: Jar,
    /// What the application answered so far.
    pub(crate) answers: Vec<Answer>,
    /// Who logs in when the provider asks.
    pub(crate) user: String,
    base: Url,
    hosts: HashMap<String, SocketAddr>,
    clock: HandClock,
    secrets: Secrets,
}

/// What came back, and of which request.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) step: Step,
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

/// A request that a browser makes next.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) fields: Vec<(String, String)>,
    /// The page that leads there; none when a person typed the address.
    pub(crate) from: Option<Url>,
    pub(crate) way: Way,
    /// Headers beside, or instead of, those that a browser sends.
    pub(crate) headers: Vec<(String, String)>,
}

/// Who waits for the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// The window.
    Navigation,
    /// A script.
    Fetch,
}

impl Step {
    /// A person typed an address.
    pub(crate) fn get(url: Url) -> Self {
        let (method, fields, way) = (Method::GET, Vec::new(), Way::Navigation);
        Self { method, url, fields, from: None, way, headers: Vec::new() }
    }

    /// A form is sent from a page.
    pub(crate) fn post(url: Url, fields: Vec<(String, String)>, from: Url) -> Self {
        Self { method: Method::POST, fields, from: Some(from), ..Self::get(url) }
    }

    /// A script of the same page asks.
    pub(crate) fn fetch(url: Url) -> Self {
        Self { from: Some(url.clone()), way: Way::Fetch, ..Self::get(url) }
    }

    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// A parameter of the query or the form.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        let mut all = self.parameters().into_iter();
        all.find(|(own, _)| own == name).map(|(_, value)| value)
    }

    pub(crate) fn parameters(&self) -> Vec<(String, String)> {
        match self.method {
            Method::POST => self.fields.clone(),
            _ => self.url.query_pairs().into_owned().collect(),
        }
    }

    /// The same request with other parameters.
    pub(crate) fn changed(mut self, parameters: &[(String, String)]) -> Self {
        if self.method == Method::POST {
            self.fields = parameters.to_vec();
        } else {
            self.url.query_pairs_mut().clear().extend_pairs(parameters);
        }
        self
    }

    /// The same request with another value of a parameter, or without it.
    pub(crate) fn set(self, name: &str, value: Option<&str>) -> Self {
        let mut parameters = self.parameters();
        parameters.retain(|(own, _)| own != name);
        parameters.extend(value.map(|value| (name.to_owned(), value.to_owned())));
        self.changed(&parameters)
    }
}

impl Answer {
    pub(crate) fn location(&self) -> Option<Url> {
        let location = self.headers.get(header::LOCATION)?.to_str().unwrap();
        Some(self.step.url.join(location).unwrap_or_else(|why| panic!("{location}: {why}")))
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.body))
    }

    /// The stable code, on a page or in JSON.
    pub(crate) fn code(&self) -> Option<String> {
        if let Ok(body) = serde_json::from_str::<serde_json::Value>(&self.body) {
            return body.get("error")?.as_str().map(str::to_owned);
        }
        let (_, rest) = self.body.split_once("Code: <code>")?;
        rest.split_once("</code>").map(|(code, _)| code.to_owned())
    }

    /// The page of ours that posts a form once more.
    pub(crate) fn is_bridge(&self) -> bool {
        self.status == StatusCode::OK && self.body.contains("countersign_bridged")
    }

    pub(crate) fn name(&self) -> String {
        format!("{} {} ({})", self.step.method, self.step.url.path(), self.status)
    }

    pub(crate) fn set_cookies(&self) -> Vec<String> {
        let lines = self.headers.get_all(header::SET_COOKIE).iter();
        lines.map(|line| line.to_str().unwrap().to_owned()).collect()
    }
}

impl Browser {
    pub(crate) fn new(base: Url, address: SocketAddr, clock: HandClock, secrets: Secrets) -> Self {
        let mut browser = Self {
            jar: Jar::default(),
            answers: Vec::new(),
            user: "alice".to_owned(),
            base: base.clone(),
            hosts: HashMap::new(),
            clock,
            secrets,
        };
        browser.knows(&base, address);
        browser
    }

    /// Where a host is really found. Without it the port of the address decides.
    pub(crate) fn knows(&mut self, base: &Url, address: SocketAddr) {
        self.hosts.insert(base.origin().ascii_serialization(), address);
    }

    /// An address of the application.
    pub(crate) fn at(&self, path: &str) -> Url {
        self.base.join(path).unwrap()
    }

    /// Types an address of the application.
    pub(crate) async fn go(&mut self, path: &str) -> Answer {
        self.take(Step::get(self.at(path))).await
    }

    /// A script of the application asks for something.
    pub(crate) async fn fetch(&mut self, path: &str) -> Answer {
        self.take(Step::fetch(self.at(path))).await
    }

    /// Who is logged in, if anybody.
    pub(crate) async fn who(&mut self) -> Option<String> {
        let me = self.fetch("/me").await;
        match me.status.as_u16() {
            200 => Some(me.json()["sub"].as_str().unwrap().to_owned()),
            401 => None,
            other => panic!("/me answered {other}: {}", me.body),
        }
    }

    /// Goes on from an address until nothing leads any further.
    pub(crate) async fn walk(&mut self, path: &str) -> Answer {
        self.walk_from(Step::get(self.at(path))).await
    }

    pub(crate) async fn walk_from(&mut self, step: Step) -> Answer {
        match self.walk_until(step, |_| false).await {
            Ok(step) => panic!("stopped at {step:?}"),
            Err(answer) => *answer,
        }
    }

    /// Goes on until the next step would be the application's callback.
    pub(crate) async fn until_callback(&mut self, path: &str) -> Step {
        self.until_callback_from(Step::get(self.at(path))).await
    }

    pub(crate) async fn until_callback_from(&mut self, step: Step) -> Step {
        let base = self.base.origin();
        let arrived =
            |step: &Step| step.url.origin() == base && step.url.path() == "/auth/callback";
        match self.walk_until(step, arrived).await {
            Ok(step) => step,
            Err(answer) => panic!("no callback but {}: {}", answer.name(), answer.body),
        }
    }

    /// Goes on until a step is to be stopped at; or to the end.
    pub(crate) async fn walk_until(
        &mut self,
        mut step: Step,
        stop: impl Fn(&Step) -> bool,
    ) -> Result<Step, Box<Answer>> {
        for _ in 0..MOST_STEPS {
            if stop(&step) {
                return Ok(step);
            }
            let answer = self.take(step).await;
            match self.next(&answer) {
                Some(next) => step = next,
                None => return Err(Box::new(answer)),
            }
        }
        panic!("goes in circles, at last to {}", step.url);
    }

    /// What a browser does by itself, or a person who wants to log in, after an answer.
    pub(crate) fn next(&self, answer: &Answer) -> Option<Step> {
        let here = &answer.step.url;
        if answer.status.is_redirection() {
            let from = answer.step.from.clone();
            return Some(Step { from, ..Step::get(answer.location()?) });
        }
        if answer.body.contains("document.forms[0].submit()") {
            let (action, fields) = form(here, &answer.body);
            return Some(Step::post(action, fields, here.clone()));
        }
        if here.origin() == self.base.origin() || !answer.status.is_success() {
            return None;
        }
        if let Some((_, rest)) = answer.body.split_once("content=\"1; url=") {
            let next = unescaped(rest.split_once('"')?.0);
            return Some(Step { from: Some(here.clone()), ..Step::get(here.join(&next).ok()?) });
        }
        let pressed = if answer.body.contains("name=\"interaction\"") {
            ("user", self.user.as_str())
        } else if answer.body.contains("name=\"leave\"") {
            ("leave", "1")
        } else {
            return None;
        };
        let (action, mut fields) = form(here, &answer.body);
        fields.push((pressed.0.to_owned(), pressed.1.to_owned()));
        Some(Step::post(action, fields, here.clone()))
    }

    /// Makes one request and follows nothing.
    pub(crate) async fn take(&mut self, step: Step) -> Answer {
        for (name, value) in step.parameters() {
            if name == "code" {
                self.secrets.learn(Kind::Code, &value);
            }
        }
        let response = wire::send(self.address(&step.url), self.request(&step)).await;
        let (head, body) = response.into_parts();
        let now = self.clock.seconds();
        for line in head.headers.get_all(header::SET_COOKIE) {
            self.jar.keep(&step.url, line.to_str().unwrap(), now);
        }
        let body = String::from_utf8_lossy(&body).into_owned();
        let answer = Answer { status: head.status, headers: head.headers, body, step };
        if answer.step.url.origin() == self.base.origin() {
            for line in answer.set_cookies() {
                let (_, value) = line.split_once('=').unwrap();
                self.secrets.learn(Kind::Cookie, value.split(';').next().unwrap());
            }
            self.answers.push(answer.clone());
        }
        answer
    }

    fn address(&self, url: &Url) -> SocketAddr {
        let known = self.hosts.get(&url.origin().ascii_serialization()).copied();
        known.unwrap_or_else(|| {
            assert!(
                ["127.0.0.1", "localhost"].contains(&url.host_str().unwrap()),
                "the browser was led to {url}"
            );
            SocketAddr::from(([127, 0, 0, 1], url.port().unwrap_or(80)))
        })
    }

    fn request(&self, step: &Step) -> Request<Bytes> {
        let url = &step.url;
        let site = site(step.from.as_ref(), url);
        let navigation = step.way == Way::Navigation;
        let mut headers = HeaderMap::new();
        let mut put = |name: &str, value: &str| {
            let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
            headers.insert(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        };
        let host = &url[url::Position::BeforeHost..url::Position::AfterPort];
        put("host", host);
        put("accept", if navigation { "text/html,application/xhtml+xml,*/*;q=0.8" } else { "*/*" });
        put("sec-fetch-mode", if navigation { "navigate" } else { "cors" });
        put("sec-fetch-dest", if navigation { "document" } else { "empty" });
        put("sec-fetch-site", site);
        if step.method == Method::POST {
            put("content-type", "application/x-www-form-urlencoded");
            let origin = step.from.as_ref().unwrap().origin().ascii_serialization();
            put("origin", &origin);
        }
        let how = Bringing {
            cross_site: site == "cross-site",
            top_level_read: navigation && step.method == Method::GET,
        };
        if let Some(cookies) = self.jar.header(url, how, self.clock.seconds()) {
            put("cookie", &cookies);
        }
        for (name, value) in &step.headers {
            put(name, value);
        }
        let fields = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(step.fields.iter().map(|(name, value)| (name, value)))
            .finish();
        let path = &url[url::Position::BeforePath..url::Position::AfterQuery];
        let mut request = Request::new(Bytes::from(fields));
        *request.method_mut() = step.method.clone();
        *request.uri_mut() = path.parse().unwrap();
        *request.headers_mut() = headers;
        request
    }
}

/// `Sec-Fetch-Site`. Hosts count as sites, as those of these tests have no subdomains.
fn site(from: Option<&Url>, to: &Url) -> &'static str {
    match from {
        None => "none",
        Some(from) if from.origin() == to.origin() => "same-origin",
        Some(from) if (from.scheme(), from.host_str()) == (to.scheme(), to.host_str()) => {
            "same-site"
        }
        Some(_) => "cross-site",
    }
}

/// The first form of a page: its address and its hidden fields.
fn form(here: &Url, page: &str) -> (Url, Vec<(String, String)>) {
    let (_, form) = page.split_once("<form").unwrap();
    let (form, _) = form.split_once("</form>").unwrap();
    let action = here.join(&attribute(form, "action").unwrap()).unwrap();
    let hidden = form.split("<input").filter(|input| input.contains("type=\"hidden\""));
    let fields = hidden.map(|input| {
        let input = input.split('>').next().unwrap();
        (attribute(input, "name").unwrap(), attribute(input, "value").unwrap_or_default())
    });
    (action, fields.collect())
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    rest.split_once('"').map(|(value, _)| unescaped(value))
}

fn unescaped(text: &str) -> String {
    let text = text.replace("&quot;", "\"").replace("&#39;", "'");
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

const MOST_STEPS: usize = 20;
