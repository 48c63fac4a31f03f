//! The redirect URI with cookies: a session begins only if state, code and cookie are of one login
//! of this browser.
//!
//! First line: the query; second: the `Cookie` header; third, if it is there: the body of a POST.
//! Control characters stand for long texts: 1 to 3 for state, code and cookie of the first login,
//! 4 to 6 for those of the second, 7 for a session.

use std::sync::LazyLock;

use countersign_web::WebRequest;
use http::{HeaderValue, Method, Uri, header};
use url::form_urlencoded;

use crate::Outcome;
use crate::support::answer::ISSUER;
use crate::support::world::{World, at_once, cookie, cookie_line, cookies, navigation};

pub(crate) fn run(data: &[u8]) -> Outcome {
    let text = filled(data);
    let mut lines = text.splitn(3, |byte| *byte == b'\n');
    let (query, line) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    let body = lines.next();

    let address = [b"/auth/callback?", query].concat();
    let Ok(uri) = Uri::try_from(address) else { return Outcome::Refused };
    let Ok(value) = HeaderValue::from_bytes(line) else { return Outcome::Refused };
    let mut headers = navigation();
    headers.insert(header::COOKIE, value);
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/x-www-form-urlencoded"),
    );
    let method = if body.is_some() { Method::POST } else { Method::GET };
    let request = WebRequest::new(&method, &uri, &headers).body(body.unwrap_or_default());
    let reply = at_once(WORLD.site.callback(&request));

    let begins = |(name, _): &(String, String)| name.contains("_session");
    if !cookies(&reply).iter().any(begins) {
        return Outcome::Refused;
    }
    let form = body.filter(|body| !body.is_empty());
    let form = form.unwrap_or_else(|| uri.query().unwrap_or_default().as_bytes());
    let values = |name: &str| -> Vec<String> {
        let pairs = form_urlencoded::parse(form).filter(|(own, _)| own == name);
        pairs.map(|(_, value)| value.into_owned()).collect()
    };
    assert_eq!(values("iss"), [ISSUER], "an answer of another issuer");
    let ours = WORLD.logins.iter().any(|login| {
        let (name, sealed) = &login.cookie;
        values("state") == [login.state.as_str()]
            && values("code") == [login.code.as_str()]
            && cookie(&[line], name) == Some(sealed)
    });
    assert!(ours, "a session began that no login of this browser had asked for");
    Outcome::Accepted
}

fn filled(template: &[u8]) -> Vec<u8> {
    let [first, second] = &WORLD.logins;
    let [session, _] = &WORLD.sessions;
    let pair = |cookie: &(String, String)| cookie_line(std::slice::from_ref(cookie));
    let mut filled = Vec::new();
    for byte in template {
        let part = match byte {
            1 => first.state.clone(),
            2 => first.code.clone(),
            3 => pair(&first.cookie),
            4 => second.state.clone(),
            5 => second.code.clone(),
            6 => pair(&second.cookie),
            7 => cookie_line(session),
            other => {
                filled.push(*other);
                continue;
            }
        };
        filled.extend_from_slice(part.as_bytes());
    }
    filled
}

static WORLD: LazyLock<World> = LazyLock::new(World::new);
