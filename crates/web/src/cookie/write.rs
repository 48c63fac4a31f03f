//! `Set-Cookie`.

use http::HeaderValue;

use super::Names;

/// Sets a cookie for this many seconds.
///
/// `SameSite=Lax`: the provider's redirect back is a top-level navigation from another site and
/// must bring the login cookie along; a cross-site POST must not.
pub(crate) fn set(names: &Names, name: &str, value: &str, seconds: u64) -> HeaderValue {
    header(&format!(
        "{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{}",
        secure(names)
    ))
}

/// Makes the browser forget a cookie.
pub(crate) fn expired(names: &Names, name: &str) -> HeaderValue {
    header(&format!(
        "{name}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT{}",
        secure(names)
    ))
}

const fn secure(names: &Names) -> &'static str {
    if names.secure() { "; Secure" } else { "" }
}

/// Names and values are letters, digits and a few signs, by `Prefix` and base64url; a name that
/// came from a client is one of them or doesn't begin like ours.
fn header(text: &str) -> HeaderValue {
    let mut value = HeaderValue::from_str(text)
        .unwrap_or_else(|_| HeaderValue::from_static("invalid=; Max-Age=0"));
    value.set_sensitive(true);
    value
}
