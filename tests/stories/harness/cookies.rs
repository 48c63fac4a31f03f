//! A cookie jar with the rules of RFC 6265bis: host, path, age, `Secure`, `SameSite`, prefixes, size.

use url::Url;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cookie {
    pub(crate) host: String,
    pub(crate) path: String,
    pub(crate) name: String,
    pub(crate) value: String,
    pub(crate) secure: bool,
    pub(crate) http_only: bool,
    pub(crate) same_site: SameSite,
    /// Seconds since 1970; a session cookie has none.
    pub(crate) ends_at: Option<i64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SameSite {
    Strict,
    Lax,
    None,
}

/// What about a request decides which cookies it brings along.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bringing {
    pub(crate) cross_site: bool,
    /// A navigation of the whole window by GET or HEAD.
    pub(crate) top_level_read: bool,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Jar(pub(crate) Vec<Cookie>);

impl Jar {
    /// The `Cookie` header of a request, if it has one.
    pub(crate) fn header(&self, url: &Url, how: Bringing, now: i64) -> Option<String> {
        let pairs: Vec<String> = self
            .0
            .iter()
            .filter(|cookie| cookie.host == url.host_str().unwrap())
            .filter(|cookie| within(url.path(), &cookie.path))
            .filter(|cookie| !cookie.secure || url.scheme() == "https")
            .filter(|cookie| cookie.ends_at.is_none_or(|ends_at| now < ends_at))
            .filter(|cookie| match cookie.same_site {
                SameSite::None => true,
                SameSite::Lax => !how.cross_site || how.top_level_read,
                SameSite::Strict => !how.cross_site,
            })
            .map(|cookie| format!("{}={}", cookie.name, cookie.value))
            .collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }

    /// Does what a `Set-Cookie` header says; what breaks the rules is dropped.
    pub(crate) fn keep(&mut self, from: &Url, line: &str, now: i64) {
        let Some(cookie) = parse(from, line, now) else { return };
        let same = |own: &Cookie| {
            (&own.host, &own.path, &own.name) == (&cookie.host, &cookie.path, &cookie.name)
        };
        self.0.retain(|own| !same(own));
        if cookie.ends_at.is_none_or(|ends_at| now < ends_at) {
            self.0.push(cookie);
        }
    }

    /// The cookies whose name contains this.
    pub(crate) fn named<'a>(&'a self, part: &'a str) -> impl Iterator<Item = &'a Cookie> {
        self.0.iter().filter(move |cookie| cookie.name.contains(part))
    }
}

/// One cookie as a `Set-Cookie` line describes it.
pub(crate) fn parse(from: &Url, line: &str, now: i64) -> Option<Cookie> {
    let mut parts = line.split(';').map(str::trim);
    let (name, value) = parts.next()?.split_once('=')?;
    let mut cookie = Cookie {
        host: from.host_str()?.to_owned(),
        path: "/".to_owned(),
        name: name.to_owned(),
        value: value.to_owned(),
        secure: false,
        http_only: false,
        same_site: SameSite::Lax,
        ends_at: None,
    };
    for attribute in parts {
        let (name, value) = attribute.split_once('=').unwrap_or((attribute, ""));
        match name.to_ascii_lowercase().as_str() {
            "path" => cookie.path = value.to_owned(),
            "max-age" => cookie.ends_at = Some(now + value.parse::<i64>().ok()?),
            "expires" => {}
            "secure" => cookie.secure = true,
            "httponly" => cookie.http_only = true,
            "samesite" if value.eq_ignore_ascii_case("strict") => {
                cookie.same_site = SameSite::Strict;
            }
            "samesite" if value.eq_ignore_ascii_case("none") => cookie.same_site = SameSite::None,
            "samesite" => cookie.same_site = SameSite::Lax,
            other => panic!("an attribute that is not expected here: {other}"),
        }
    }
    let fits = line.len() <= 4096;
    let secure = !cookie.secure || from.scheme() == "https";
    let host = !cookie.name.starts_with("__Host-") || (cookie.secure && cookie.path == "/");
    (fits && secure && host).then_some(cookie)
}

fn within(path: &str, of: &str) -> bool {
    path == of
        || path.strip_prefix(of).is_some_and(|rest| of.ends_with('/') || rest.starts_with('/'))
}
