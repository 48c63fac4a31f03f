//! What an access token says.

use std::fmt;
use std::sync::OnceLock;

use countersign_jose::Object;
use countersign_jose::json::{Document, Item};

use super::error::AccessTokenError;
use super::kind::Kind;
use crate::value::time::UnixTime;

/// The claims of an access token. Reachable only as
/// [`Verified<AccessToken>`](crate::Verified), which the rules make of a signed token or of what
/// the introspection endpoint says of an opaque one.
///
/// Registered claims are typed; all others are found by name without having been copied.
pub struct AccessToken {
    document: Document,
    expires_at: Option<UnixTime>,
    issued_at: Option<UnixTime>,
    not_before: Option<UnixTime>,
    auth_time: Option<UnixTime>,
    confirmation: Option<Confirmation>,
    object: OnceLock<Object>,
}

/// `cnf`: to what the token is bound besides its bearer (RFC 7800).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Confirmation {
    /// `jkt`: the thumbprint of the key of DPoP proofs (RFC 9449 section 6.1).
    Jkt(String),
    /// `x5t#S256`: the digest of the client's certificate (RFC 8705 section 3.1).
    X5tS256(String),
    /// Something that can't be checked here; such a token never passes.
    Unknown,
}

impl AccessToken {
    /// Reads the registered claims in one pass. One of a wrong type is refused, never taken for
    /// absent; but what is no access token at all is refused first.
    pub(super) fn read(
        document: Document,
        is_right: impl FnOnce(&Kind<'_>) -> Result<(), AccessTokenError>,
    ) -> Result<Self, AccessTokenError> {
        let mut token = Self {
            document,
            expires_at: None,
            issued_at: None,
            not_before: None,
            auth_time: None,
            confirmation: None,
            object: OnceLock::new(),
        };
        let (mut kind, mut read) = (Kind::default(), Ok(()));
        for (name, claim) in token.document.members() {
            let one = match name {
                "exp" => time("exp", claim).map(|at| token.expires_at = Some(at)),
                "iat" => time("iat", claim).map(|at| token.issued_at = Some(at)),
                "nbf" => time("nbf", claim).map(|at| token.not_before = Some(at)),
                "auth_time" => time("auth_time", claim).map(|at| token.auth_time = Some(at)),
                "iss" => is_text("iss", claim),
                "sub" => is_text("sub", claim),
                "jti" => is_text("jti", claim),
                "azp" => is_text("azp", claim),
                "acr" => is_text("acr", claim),
                "client_id" => is_text("client_id", claim),
                "aud" => is_texts("aud", claim),
                "scope" => is_texts("scope", claim),
                "scp" => is_texts("scp", claim),
                "cnf" => {
                    token.confirmation = Some(confirmation(claim));
                    Ok(())
                }
                _ => {
                    kind.look(name, claim);
                    Ok(())
                }
            };
            if read.is_ok() {
                read = one;
            }
        }
        is_right(&kind)?;
        read?;
        Ok(token)
    }

    /// `iss`
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.text("iss")
    }

    /// `sub`: who the token speaks for; a client that speaks for itself may have none.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.text("sub")
    }

    /// `client_id`, or `azp` where providers write that instead: who asked for the token.
    #[must_use]
    pub fn client_id(&self) -> Option<&str> {
        self.text("client_id").or_else(|| self.text("azp"))
    }

    /// `jti`
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.text("jti")
    }

    /// `acr`: how the person was authenticated.
    #[must_use]
    pub fn acr(&self) -> Option<&str> {
        self.text("acr")
    }

    /// `aud`, whether it came as a string or as a list.
    pub fn audience(&self) -> impl Iterator<Item = &str> {
        self.texts("aud")
    }

    /// The scopes: `scope` as a string with spaces or a list, or `scp`, as some providers call it.
    ///
    /// An empty scope is no scope, whatever was asked for.
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        let both = ["scope", "scp"].into_iter();
        both.flat_map(|name| self.texts(name))
            .flat_map(|text| text.split(' '))
            .filter(|s| !s.is_empty())
    }

    /// Whether the token has this scope.
    #[must_use]
    pub fn has_scope(&self, scope: &str) -> bool {
        self.scopes().any(|own| own == scope)
    }

    /// `exp`; only an introspected token may have none.
    #[must_use]
    pub fn expires_at(&self) -> Option<UnixTime> {
        self.expires_at
    }

    /// `iat`
    #[must_use]
    pub fn issued_at(&self) -> Option<UnixTime> {
        self.issued_at
    }

    /// `nbf`
    #[must_use]
    pub fn not_before(&self) -> Option<UnixTime> {
        self.not_before
    }

    /// `auth_time`: when the person last proved who they are, if the provider says so.
    #[must_use]
    pub fn auth_time(&self) -> Option<UnixTime> {
        self.auth_time
    }

    /// `cnf`: to what the token is bound, if it is.
    #[must_use]
    pub fn confirmation(&self) -> Option<&Confirmation> {
        self.confirmation.as_ref()
    }

    /// One claim.
    #[must_use]
    pub fn claim(&self, name: &str) -> Option<Item<'_>> {
        self.document.get(name)
    }

    /// A value at a JSON pointer (RFC 6901), such as `/realm_access/roles`.
    #[must_use]
    pub fn pointer(&self, pointer: &str) -> Option<Item<'_>> {
        self.document.pointer(pointer)
    }

    /// All claims as one object, which is made when this is first asked for.
    #[must_use]
    pub fn claims(&self) -> &Object {
        self.object.get_or_init(|| self.document.to_object())
    }

    /// About how many bytes of memory it takes, without the object of [`AccessToken::claims`].
    #[must_use]
    pub fn size(&self) -> usize {
        size_of::<Self>() + self.document.size()
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.document.get(name).and_then(Item::as_str)
    }

    /// One string, or those of a list.
    fn texts(&self, name: &str) -> impl Iterator<Item = &str> {
        let found = self.document.get(name);
        let many = found.and_then(Item::items).into_iter().flatten().filter_map(Item::as_str);
        found.and_then(Item::as_str).into_iter().chain(many)
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessToken")
            .field("iss", &self.issuer())
            .field("sub", &self.subject())
            .field("exp", &self.expires_at)
            .finish_non_exhaustive()
    }
}

fn time(name: &'static str, claim: Item<'_>) -> Result<UnixTime, AccessTokenError> {
    let time = claim.as_f64().and_then(UnixTime::from_numeric_date);
    time.ok_or(AccessTokenError::Claim { claim: name, expected: TIME })
}

fn is_text(name: &'static str, claim: Item<'_>) -> Result<(), AccessTokenError> {
    let wrong = AccessTokenError::Claim { claim: name, expected: "a string" };
    claim.as_str().map(|_| ()).ok_or(wrong)
}

fn is_texts(name: &'static str, claim: Item<'_>) -> Result<(), AccessTokenError> {
    let good = match claim.items() {
        Some(mut items) => items.all(|item| item.as_str().is_some()),
        None => claim.as_str().is_some(),
    };
    let expected = "a string or a list of strings";
    if good { Ok(()) } else { Err(AccessTokenError::Claim { claim: name, expected }) }
}

/// What can't be read can't be met either. Of several confirmations all would have to be met; since
/// no provider writes two, a second one is as good as unknown.
fn confirmation(claim: Item<'_>) -> Confirmation {
    let Some(mut members) = claim.members() else { return Confirmation::Unknown };
    match (members.next(), members.next()) {
        (Some((name, value)), None) => match (name, value.as_str()) {
            ("jkt", Some(thumbprint)) => Confirmation::Jkt(thumbprint.to_owned()),
            ("x5t#S256", Some(digest)) => Confirmation::X5tS256(digest.to_owned()),
            _ => Confirmation::Unknown,
        },
        _ => Confirmation::Unknown,
    }
}

const TIME: &str = "a number of seconds since 1970, between the years 1 and 9999";
