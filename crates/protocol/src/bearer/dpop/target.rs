//! `htu`: addresses compared after normalisation (RFC 9449 section 4.3, RFC 3986 section 6.2).

use std::fmt;

use url::Url;

/// Scheme, host, port and path of an address in their normal form; query and fragment don't count.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Target {
    scheme: String,
    host: String,
    port: Option<u16>,
    path: String,
}

impl Target {
    /// `Url` has settled the case of scheme and host, the default port, dot segments and the empty
    /// path. Percent-encoding is left to us.
    pub(super) fn of(url: &Url) -> Self {
        Self {
            scheme: url.scheme().to_owned(),
            host: url.host_str().unwrap_or_default().to_owned(),
            port: url.port(),
            path: normal(url.path()),
        }
    }

    /// `None` for what is no address to send a request to, and for spellings that a lenient reader
    /// mends: two readers could mend them differently.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let plain = text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
        let (_, rest) = text.split_once("://")?;
        if !plain || rest.starts_with('/') {
            return None;
        }
        let url = Url::parse(text).ok()?;
        let web = matches!(url.scheme(), "https" | "http");
        let anonymous = url.username().is_empty() && url.password().is_none();
        (web && anonymous && url.host().is_some()).then(|| Self::of(&url))
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme, self.host)?;
        if let Some(port) = self.port {
            write!(f, ":{port}")?;
        }
        f.write_str(&self.path)
    }
}

/// RFC 3986 sections 6.2.2.1 and 6.2.2.2: hexadecimal digits in upper case, and unreserved
/// characters as themselves. A slash that is encoded stays so: it separates nothing.
fn normal(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        let digits = after.get(..2).filter(|two| two.bytes().all(|byte| byte.is_ascii_hexdigit()));
        match digits.and_then(|two| u8::from_str_radix(two, 16).ok()) {
            Some(byte) if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) => {
                out.push(char::from(byte));
                rest = after.get(2..).unwrap_or_default();
            }
            Some(byte) => {
                out.push_str(&format!("%{byte:02X}"));
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                out.push('%');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}
