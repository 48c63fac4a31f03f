//! The ways in which a token can be wrong.

use std::fmt;

use countersign_jose::Object;
use serde_json::json;

use crate::token::put_at;

/// One way in which an access token is wrong.
///
/// Each is wrong in this one way alone, and a resource server is to refuse it with [`Broken::code`].
///
/// ```
/// use countersign_test_kit::{Broken, TestIssuer};
///
/// let issuer = TestIssuer::new("https://issuer.test");
/// let token = issuer.token("alice").broken(Broken::Unsigned).sign();
/// assert!(token.ends_with('.'), "no signature at all");
/// assert_eq!(Broken::Unsigned.code(), "jws.algorithm");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Broken {
    /// `exp` was an hour ago.
    Expired,
    /// `nbf` is an hour ahead.
    NotYetValid,
    /// `iat` is an hour ahead.
    IssuedInFuture,
    /// `iss` is somebody else.
    WrongIssuer,
    /// No `iss`.
    NoIssuer,
    /// `aud` is another API.
    WrongAudience,
    /// No `aud`.
    NoAudience,
    /// `aud` is a number.
    AudienceOfWrongType,
    /// No `exp`.
    NoExpiry,
    /// `exp` is a text.
    ExpiryAsText,
    /// `exp` is 1e300.
    ExpiryHuge,
    /// `nbf` is a text.
    NotBeforeAsText,
    /// `sub` is a number.
    SubjectOfWrongType,
    /// `scope` is a number.
    ScopeOfWrongType,
    /// The roles are an object.
    RolesOfWrongType,
    /// `cnf` names a kind of key that nobody knows.
    ConfirmationUnknown,
    /// `cnf` is a text.
    ConfirmationOfWrongType,
    /// An ID token, as a login brings it: `typ` JWT, a nonce and an `at_hash`, for the client.
    IdToken,
    /// `alg` is `none`, and there is no signature.
    Unsigned,
    /// HS256 under the public key, as if that were a secret.
    HmacWithPublicKey,
    /// Signed by another key under the name of the right one.
    WrongKey,
    /// Signed by another key under its own name.
    UnknownKid,
    /// Signed by another key, which the header brings along.
    EmbeddedKey,
    /// One bit of the signature is flipped.
    WrongSignature,
    /// The signature is empty.
    EmptySignature,
    /// The claims were changed after signing.
    ChangedClaims,
    /// The header demands an extension that nobody knows (`crit`).
    Critical,
    /// `sub` stands in it twice.
    DuplicateClaim,
    /// `alg` stands in the header twice.
    DuplicateHeader,
    /// The claims are no JSON.
    NotJson,
    /// The claims are a list.
    ClaimsAsList,
    /// A claim is nested ten thousand levels deep.
    DeepNesting,
    /// A `+`, which base64 has and base64url does not.
    BadBase64,
    /// Broken off before the signature.
    Truncated,
    /// Four parts.
    FourParts,
    /// Five parts, as an encrypted token has.
    LooksEncrypted,
}

impl Broken {
    /// Each of them.
    pub const ALL: [Self; 36] = [
        Self::Expired,
        Self::NotYetValid,
        Self::IssuedInFuture,
        Self::WrongIssuer,
        Self::NoIssuer,
        Self::WrongAudience,
        Self::NoAudience,
        Self::AudienceOfWrongType,
        Self::NoExpiry,
        Self::ExpiryAsText,
        Self::ExpiryHuge,
        Self::NotBeforeAsText,
        Self::SubjectOfWrongType,
        Self::ScopeOfWrongType,
        Self::RolesOfWrongType,
        Self::ConfirmationUnknown,
        Self::ConfirmationOfWrongType,
        Self::IdToken,
        Self::Unsigned,
        Self::HmacWithPublicKey,
        Self::WrongKey,
        Self::UnknownKid,
        Self::EmbeddedKey,
        Self::WrongSignature,
        Self::EmptySignature,
        Self::ChangedClaims,
        Self::Critical,
        Self::DuplicateClaim,
        Self::DuplicateHeader,
        Self::NotJson,
        Self::ClaimsAsList,
        Self::DeepNesting,
        Self::BadBase64,
        Self::Truncated,
        Self::FourParts,
        Self::LooksEncrypted,
    ];

    /// Its name, such as `expired`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.row().0
    }

    /// The code with which a resource server is to refuse it (docs/errors.md).
    #[must_use]
    pub const fn code(self) -> &'static str {
        self.row().1
    }

    const fn row(self) -> (&'static str, &'static str) {
        match self {
            Self::Expired => ("expired", "access_token.expired"),
            Self::NotYetValid => ("not_yet_valid", "access_token.not_before"),
            Self::IssuedInFuture => ("issued_in_future", "access_token.issued_at"),
            Self::WrongIssuer => ("wrong_issuer", "access_token.issuer"),
            Self::NoIssuer => ("no_issuer", "access_token.claim"),
            Self::WrongAudience => ("wrong_audience", "access_token.audience"),
            Self::NoAudience => ("no_audience", "access_token.audience"),
            Self::AudienceOfWrongType => ("audience_of_wrong_type", "access_token.claim"),
            Self::NoExpiry => ("no_expiry", "access_token.claim"),
            Self::ExpiryAsText => ("expiry_as_text", "access_token.claim"),
            Self::ExpiryHuge => ("expiry_huge", "access_token.claim"),
            Self::NotBeforeAsText => ("not_before_as_text", "access_token.claim"),
            Self::SubjectOfWrongType => ("subject_of_wrong_type", "access_token.claim"),
            Self::ScopeOfWrongType => ("scope_of_wrong_type", "access_token.claim"),
            Self::RolesOfWrongType => ("roles_of_wrong_type", "bearer.role"),
            Self::ConfirmationUnknown => ("confirmation_unknown", "access_token.confirmation"),
            Self::ConfirmationOfWrongType => {
                ("confirmation_of_wrong_type", "access_token.confirmation")
            }
            Self::IdToken => ("id_token", "access_token.kind"),
            Self::Unsigned => ("unsigned", "jws.algorithm"),
            Self::HmacWithPublicKey => ("hmac_with_public_key", "jws.algorithm_not_allowed"),
            Self::WrongKey => ("wrong_key", "jws.signature"),
            Self::UnknownKid => ("unknown_kid", "keys.unknown"),
            Self::EmbeddedKey => ("embedded_key", "jws.signature"),
            Self::WrongSignature => ("wrong_signature", "jws.signature"),
            Self::EmptySignature => ("empty_signature", "jws.signature"),
            Self::ChangedClaims => ("changed_claims", "jws.signature"),
            Self::Critical => ("critical", "jws.critical"),
            Self::DuplicateClaim => ("duplicate_claim", "access_token.malformed"),
            Self::DuplicateHeader => ("duplicate_header", "jws.duplicate_member"),
            Self::NotJson => ("not_json", "access_token.malformed"),
            Self::ClaimsAsList => ("claims_as_list", "access_token.malformed"),
            Self::DeepNesting => ("deep_nesting", "access_token.malformed"),
            Self::BadBase64 => ("bad_base64", "jws.malformed"),
            Self::Truncated => ("truncated", "jws.malformed"),
            Self::FourParts => ("four_parts", "jws.malformed"),
            Self::LooksEncrypted => ("looks_encrypted", "jws.encrypted"),
        }
    }

    /// Whether it is wrong in what it says, whoever signed it.
    pub(crate) const fn is_about_claims(self) -> bool {
        matches!(
            self,
            Self::Expired
                | Self::NotYetValid
                | Self::IssuedInFuture
                | Self::WrongIssuer
                | Self::NoIssuer
                | Self::WrongAudience
                | Self::NoAudience
                | Self::AudienceOfWrongType
                | Self::NoExpiry
                | Self::ExpiryAsText
                | Self::ExpiryHuge
                | Self::NotBeforeAsText
                | Self::SubjectOfWrongType
                | Self::ScopeOfWrongType
                | Self::RolesOfWrongType
                | Self::ConfirmationUnknown
                | Self::ConfirmationOfWrongType
        )
    }

    /// What can be wrong before anybody signs.
    pub(crate) fn bend(
        self,
        header: &mut Object,
        claims: &mut Object,
        now: i64,
        role_pointers: &[&str],
    ) {
        let mut set = |name: &str, value| drop(claims.insert(name.to_owned(), value));
        match self {
            Self::Expired => {
                set("iat", json!(now - 2 * HOUR));
                set("exp", json!(now - HOUR));
            }
            Self::NotYetValid => {
                set("nbf", json!(now + HOUR));
                set("exp", json!(now + 2 * HOUR));
            }
            Self::IssuedInFuture => {
                set("iat", json!(now + HOUR));
                set("exp", json!(now + 2 * HOUR));
            }
            Self::WrongIssuer => set("iss", json!("https://somebody-else.test")),
            Self::NoIssuer => drop(claims.remove("iss")),
            Self::WrongAudience => set("aud", json!("another-api")),
            Self::NoAudience => drop(claims.remove("aud")),
            Self::AudienceOfWrongType => set("aud", json!(7)),
            Self::NoExpiry => drop(claims.remove("exp")),
            Self::ExpiryAsText => set("exp", json!((now + HOUR).to_string())),
            Self::ExpiryHuge => set("exp", json!(1e300)),
            Self::NotBeforeAsText => set("nbf", json!((now - HOUR).to_string())),
            Self::SubjectOfWrongType => set("sub", json!(42)),
            Self::ScopeOfWrongType => set("scope", json!(7)),
            Self::RolesOfWrongType => {
                for pointer in role_pointers {
                    put_at(claims, pointer, json!({ "editor": true }));
                }
            }
            Self::ConfirmationUnknown => set("cnf", json!({ "urn:example:unknown": "key" })),
            Self::ConfirmationOfWrongType => set("cnf", json!("key")),
            Self::IdToken => {
                set("nonce", json!("n-0S6_WzA2Mj"));
                set("at_hash", json!("77QmUPtjPfzWtF2AnpK9RQ"));
                header.insert("typ".to_owned(), json!("JWT"));
            }
            Self::Critical => {
                header.insert("crit".to_owned(), json!([EXTENSION]));
                header.insert(EXTENSION.to_owned(), json!(true));
            }
            // The others are wrong in their signature or their text.
            _ => {}
        }
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// In seconds.
const HOUR: i64 = 3600;
const EXTENSION: &str = "urn:example:extension";
