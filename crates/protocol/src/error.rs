//! Codes, faults, and the provider's own words.
//!
//! A code exists only together with its documentation: both stand in one table, [`CODES`].

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::value::secret::Secret;

/// Whose fault an error is. It decides the reply, the exit code and the log level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "every face answers each of the five")]
pub enum Fault {
    /// The person, or whoever sent the request.
    Person,
    /// The provider answered something wrong.
    Provider,
    /// The provider could not be reached.
    Network,
    /// A setting of this application is wrong.
    Setup,
    /// A mistake in countersign.
    Bug,
}

/// A stable error code with its documentation.
#[derive(Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "written by the codes! macro in other crates")]
pub struct Code {
    /// The code, stable and dotted, such as `login.state_mismatch`.
    pub code: &'static str,
    /// Whose fault it is.
    pub fault: Fault,
    /// What happened, in words that may be shown to a person.
    pub meaning: &'static str,
    /// What to change or look at.
    pub remedy: &'static str,
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code)
    }
}

/// Declares codes: a constant each, and the table of them all.
///
/// ```
/// countersign_protocol::codes! {
///     TEAPOT = "example.teapot", Setup, "It is a teapot.", "Ask a coffee maker.";
/// }
/// assert_eq!(CODES[0].code, TEAPOT.code);
/// ```
#[macro_export]
macro_rules! codes {
    ($($name:ident = $code:literal, $fault:ident, $meaning:literal, $remedy:literal;)*) => {
        $(
            #[doc = concat!("`", $code, "`: ", $meaning)]
            pub const $name: $crate::Code = $crate::Code {
                code: $code,
                fault: $crate::Fault::$fault,
                meaning: $meaning,
                remedy: $remedy,
            };
        )*
        /// Every code of this module with its documentation.
        pub const CODES: &[&$crate::Code] = &[$(&$name),*];
    };
}

codes! {
    // Signed tokens.
    JWS_MALFORMED = "jws.malformed", Provider, "A token from the provider can't be read.", "Look at the token with `countersign token decode`; the provider sends something that is no compact JWS (RFC 7515 section 7.1).";
    JWS_TOO_LARGE = "jws.too_large", Provider, "A token from the provider is too large.", "Ask the provider for fewer claims; tokens up to 256 KiB are read.";
    JWS_ENCRYPTED = "jws.encrypted", Provider, "A token from the provider is encrypted.", "Register the client without id_token_encrypted_response_alg; encrypted tokens are not read.";
    JWS_ALGORITHM = "jws.algorithm", Provider, "A token is signed in a way that is not allowed.", "If the provider really signs with this algorithm, set it: the client's id_token_signed_response_alg (`--id-token-alg`). `none` is never allowed.";
    JWS_ALGORITHM_NOT_ALLOWED = "jws.algorithm_not_allowed", Provider, "A token is signed with another algorithm than expected.", "The message names both. Set the one that the provider uses (`--id-token-alg`); HS256 to HS512 are accepted only where the client is registered for them.";
    JWS_DUPLICATE_MEMBER = "jws.duplicate_member", Provider, "A token names something twice.", "The header has a doubled member (RFC 7515 section 4), which two readers could take differently.";
    JWS_CRITICAL = "jws.critical", Provider, "A token demands an extension that is not understood.", "The header lists `crit` members (RFC 7515 section 4.1.11); none is understood here.";
    JWS_OWN_KEY = "jws.own_key", Provider, "A proof of possession brings no usable key.", "A DPoP proof has the public key in its header (RFC 9449 section 4.2); the message says what is wrong with it.";
    JWS_SIGNATURE = "jws.signature", Provider, "The signature of a token is wrong.", "Does the provider publish the key that it signs with? Compare `countersign discover` with the token's `kid`.";
    KEYS_UNKNOWN = "keys.unknown", Provider, "A token is signed with a key that the provider does not publish.", "The key set was fetched again and the key is not in it. Look at `countersign discover`.";
    KEYS_TOO_MANY = "keys.too_many_candidates", Provider, "Too many of the provider's keys could have signed a token.", "The provider should give each key a `kid` of its own; four are tried.";
    KEYS_UNREADABLE = "keys.unreadable", Provider, "The provider's key set can't be read.", "`jwks_uri` must answer a JSON object with a `keys` array (RFC 7517 section 5).";
    // Talking to the provider.
    PROVIDER_STATUS = "provider.status", Provider, "The provider answered with an error.", "The provider's own log says more; the message names the endpoint and the status.";
    PROVIDER_REDIRECT = "provider.redirect", Provider, "The provider sent a redirect where none belongs.", "Redirects are never followed, as a secret could travel along. Set the address to which it redirects.";
    PROVIDER_NOT_JSON = "provider.not_json", Provider, "The provider answered something that is not JSON.", "Is the address right? A proxy's or an error page in HTML is the usual cause.";
    PROVIDER_ENCODING = "provider.encoding", Provider, "The provider's answer is compressed although that was not asked for.", "Switch compression off for this client at the provider or the proxy before it.";
    PROVIDER_MEMBER = "provider.member", Provider, "The provider's answer lacks something or has it in a wrong form.", "The message names the member and what it should be.";
    PROVIDER_REFUSED = "provider.refused", Provider, "The provider refused the request.", "The provider's own words (error, error_description) say why.";
    NETWORK_UNREACHABLE = "network.unreachable", Network, "The provider can't be reached.", "Is it up, is the address right, does a firewall stand between?";
    NETWORK_TIMEOUT = "network.timeout", Network, "The provider did not answer in time.", "It was given 10 seconds. Is it overloaded, does a firewall swallow packets?";
    NETWORK_CUT = "network.cut", Network, "The provider's answer broke off.", "Try again; if it stays, look at the proxy in between.";
    NETWORK_TLS = "network.tls", Network, "The provider's certificate is not trusted, or TLS failed.", "For a private authority hand its certificate over (`--ca-file`).";
    NETWORK_TOO_LARGE = "network.too_large", Provider, "The provider's answer is too large.", "Answers up to 1 MiB are read.";
    // Metadata.
    DISCOVERY_ISSUER = "discovery.issuer", Setup, "The provider calls itself by another name than expected.", "Set the issuer exactly as the provider writes it, to the last slash.";
    DISCOVERY_MEMBER = "discovery.member", Provider, "The provider's metadata lacks something or has it in a wrong form.", "The message names the member (OpenID Connect Discovery 1.0 section 3).";
    ISSUER_FORM = "setup.issuer", Setup, "The issuer is not an address that can be one.", "An issuer is an https URL without query or fragment; http only on a loopback host.";
    SETUP_TEMPLATE = "setup.issuer_template", Setup, "The issuer template is incomplete.", "A template has one `{claim}` placeholder and a list of the tenants allowed.";
    SETUP_ENDPOINT = "setup.endpoint", Setup, "The provider offers no such endpoint.", "Set the endpoint by hand or switch off what needs it; the message names both.";
    SETUP_KEYS = "setup.jwks_uri", Setup, "There are no keys to check the ID token with.", "Add jwks_uri (or jwks) to the provider's metadata, or register the client for HS256.";
    SETUP_CLIENT_AUTH = "setup.client_auth", Setup, "The client can't authenticate that way.", "The message says which secret or key is missing for token_endpoint_auth_method.";
    SETUP_ALGORITHM = "setup.id_token_alg", Setup, "No usable algorithm for ID tokens is left.", "Set id_token_signed_response_alg to one that the provider announces.";
    SETUP_REDIRECT_URI = "setup.redirect_uri", Setup, "The redirect URI can't be one.", "It is an absolute https URL without fragment; http only on a loopback host.";
    SETUP_TRANSPORT = "setup.transport", Setup, "The network door could not be opened.", "The message says what is missing, such as trust anchors or a readable `--ca-file`.";
    // Registration.
    REGISTRATION_REFUSED = "registration.refused", Setup, "The provider refused to register the client.", "The provider's own words say why; many want an initial access token.";
    REGISTRATION_TOKEN = "registration.token", Setup, "The provider registers clients only with an initial access token.", "Get one from the provider's administrator and hand it over (`--initial-access-token`), or register by hand.";
    REGISTRATION_MEMBER = "registration.member", Provider, "The answer to the registration is incomplete.", "The message names the member (OpenID Connect Registration 1.0 section 3.2).";
    // The callback.
    LOGIN_NO_STATE = "login.no_state", Person, "The answer of the provider carries no state.", "Start from the login address; a bookmark of the callback can't work.";
    LOGIN_STATE_MISMATCH = "login.state_mismatch", Person, "This answer belongs to another login.", "Start again from the login address.";
    LOGIN_EXPIRED = "login.expired", Person, "The login page was left open for too long.", "Start again; a login may take an hour.";
    LOGIN_MALFORMED = "login.malformed", Person, "The answer of the provider can't be read.", "Start again from the login address; parameters may neither be doubled nor contradict each other (RFC 6749 section 3.1).";
    LOGIN_ISSUER = "login.issuer", Provider, "The answer comes from another provider than the one asked.", "RFC 9207: `iss` must be the issuer, and must be there when the metadata announces it.";
    LOGIN_REFUSED = "login.refused", Person, "The provider refused the login.", "The provider's own words say why, for example `access_denied` when a person says no.";
    // The token answer.
    TOKEN_REFUSED = "token.refused", Provider, "The provider refused to exchange the code.", "The provider's own words say why: `invalid_client` is a wrong secret or method, `invalid_grant` a code that is spent or belongs to another redirect URI.";
    TOKEN_MEMBER = "token.member", Provider, "The provider's token answer lacks something or has it in a wrong form.", "The message names the member (OpenID Connect Core 1.0 section 3.1.3.3).";
    TOKEN_NOT_GRANTED = "token.not_granted", Provider, "The provider refused to give out a token.", "The provider's own words say why: `invalid_client` is a wrong secret or method, `unauthorized_client` a grant that this client may not use, `invalid_scope` and `invalid_target` a scope or API that it may not ask for, `invalid_grant` and `invalid_request` a token that can't be exchanged.";
    REVOCATION_REFUSED = "revocation.refused", Provider, "The provider refused to revoke a token.", "The provider's own words say why; `invalid_client` is a wrong secret or method.";
    REVOCATION_UNSUPPORTED = "revocation.unsupported", Provider, "The provider does not revoke tokens of this kind.", "Such tokens end by themselves only; let them be short-lived (RFC 7009 section 2.2.1).";
    INTROSPECTION_REFUSED = "introspection.refused", Setup, "The provider does not tell this application whether tokens are active.", "It refused our own credentials at the introspection_endpoint; the provider's words say why. Compare client, secret and method with its registration (`--introspection-auth`).";
    INTROSPECTION_MEMBER = "introspection.member", Provider, "The provider's answer about a token lacks something or has it in a wrong form.", "The message names the member (RFC 7662 section 2.2, RFC 9701 section 5); `active` must be true or false.";
    INTROSPECTION_NOT_SIGNED = "introspection.not_signed", Provider, "The provider's answer about a token is not signed although it has to be.", "Register this application at the provider with introspection_signed_response_alg, or don't ask for signed answers.";
    REFRESH_REFUSED = "refresh.refused", Person, "The provider ended this sign-in.", "Sign in again. The provider refused the refresh token: it ended, was used before or was revoked.";
    REFRESH_SUBJECT = "refresh.subject", Provider, "The renewed sign-in belongs to somebody else.", "The provider answered a refresh with an ID token of another subject or issuer (OpenID Connect Core 1.0 section 12.2).";
    REFRESH_NONE = "refresh.none", Person, "This sign-in can't be renewed.", "Sign in again. The provider gave no refresh token; ask for the scope offline_access if it should.";
    // The ID token.
    ID_TOKEN_MALFORMED = "id_token.malformed", Provider, "The ID token's claims can't be read.", "They must be one JSON object without doubled members.";
    ID_TOKEN_CLAIM = "id_token.claim", Provider, "A claim of the ID token is missing or has a wrong form.", "The message names the claim and the form (OpenID Connect Core 1.0 section 2).";
    ID_TOKEN_ISSUER = "id_token.issuer", Provider, "The ID token comes from another issuer.", "Set the issuer exactly as the provider writes it; for many tenants use an issuer template.";
    ID_TOKEN_TENANT = "id_token.tenant", Person, "Your organisation may not sign in here.", "The tenant in the token is not in the list of tenants allowed.";
    ID_TOKEN_AUDIENCE = "id_token.audience", Provider, "The ID token is for another application.", "`aud` must hold the client_id; further audiences must be in trusted_audiences.";
    ID_TOKEN_AUTHORIZED_PARTY = "id_token.azp", Provider, "The ID token was issued to another application.", "`azp` must be the client_id (OpenID Connect Core 1.0 section 3.1.3.7, rules 4 and 5).";
    ID_TOKEN_EXPIRED = "id_token.expired", Provider, "The ID token has expired.", "Compare the clocks of both machines; clock_skew (60 s) allows for a difference.";
    ID_TOKEN_ISSUED_AT = "id_token.issued_at", Provider, "The ID token was not issued during this login.", "Compare the clocks of both machines; clock_skew (60 s) allows for a difference.";
    ID_TOKEN_NOT_YET = "id_token.not_before", Provider, "The ID token is not valid yet.", "Compare the clocks of both machines; clock_skew (60 s) allows for a difference.";
    ID_TOKEN_NONCE = "id_token.nonce", Provider, "The ID token belongs to another login.", "The provider must put the nonce of the request into the token; a replayed token has another.";
    ID_TOKEN_ACR = "id_token.acr", Person, "You were signed in, but not as strongly as needed.", "Sign in with what was asked for in acr_values; the message names what came.";
    ID_TOKEN_AUTH_TIME = "id_token.auth_time", Person, "Your last sign-in was too long ago.", "max_age asked for a recent one; the provider must send auth_time and obey.";
    ID_TOKEN_HASH = "id_token.hash", Provider, "The ID token does not belong to what came with it.", "`at_hash` or `c_hash` does not match (OpenID Connect Core 1.0 sections 3.1.3.8 and 3.3.2.11).";
    ID_TOKEN_SUBJECT = "id_token.subject", Person, "Somebody else is signed in at the provider.", "The renewal was for the person of this session; sign in again.";
    ID_TOKEN_CLAIM_VALUE = "id_token.claim_value", Provider, "A claim has another value than was asked for.", "The `claims` request named a value as essential (OpenID Connect Core 1.0 section 5.5.1).";
    // The logout token.
    LOGOUT_TOKEN_MALFORMED = "logout_token.malformed", Person, "The logout token can't be read.", "Its claims must be one JSON object without doubled members.";
    LOGOUT_TOKEN_KIND = "logout_token.kind", Person, "This is no logout token.", "It has `typ` as `logout+jwt` or none, the logout event in `events`, and no `nonce` (OpenID Connect Back-Channel Logout 1.0 sections 2.4 and 2.6).";
    LOGOUT_TOKEN_CLAIM = "logout_token.claim", Person, "A claim of the logout token is missing or has a wrong form.", "The log names it: `iss`, `aud`, `iat`, `exp`, `jti`, `events` and one of `sub` and `sid` are needed (OpenID Connect Back-Channel Logout 1.0 section 2.4).";
    LOGOUT_TOKEN_ISSUER = "logout_token.issuer", Person, "The logout token comes from another issuer.", "Set the issuer exactly as the provider writes it; the log shows both.";
    LOGOUT_TOKEN_AUDIENCE = "logout_token.audience", Person, "The logout token is for another application.", "`aud` must hold the client_id; further audiences must be in trusted_audiences. Is the address of this application registered for another client?";
    LOGOUT_TOKEN_EXPIRED = "logout_token.expired", Person, "The logout token has expired.", "Compare the clocks of both machines; clock_skew (60 s) allows for a difference.";
    LOGOUT_TOKEN_TIME = "logout_token.time", Person, "The logout token comes from the future.", "Compare the clocks of both machines; clock_skew (60 s) allows for a difference.";
    LOGOUT_TOKEN_REPLAY = "logout_token.replay", Person, "The logout token came before.", "What it ended is over already; a provider that sends a token again takes this as done.";
    // The access token, at an API.
    ACCESS_TOKEN_MALFORMED = "access_token.malformed", Person, "The access token can't be read.", "Its claims must be one JSON object without doubled members. Look at it with `countersign token decode`.";
    ACCESS_TOKEN_CLAIM = "access_token.claim", Person, "A claim of the access token is missing or has a wrong form.", "The log names the claim and the form: `iss`, `aud` and `exp` are needed, and none may have a wrong type.";
    ACCESS_TOKEN_ISSUER = "access_token.issuer", Person, "The access token comes from an issuer that is not accepted here.", "Set the issuer exactly as the provider writes it; the log shows both.";
    ACCESS_TOKEN_AUDIENCE = "access_token.audience", Person, "The access token was issued for another API.", "The log says for whom. Ask the provider for a token for this API (`audience` or `resource`), or add the name to the audiences (`--audience`).";
    ACCESS_TOKEN_EXPIRED = "access_token.expired", Person, "The access token has expired.", "Get a new one. If it is new, compare the clocks of both machines; clock_skew (60 s) allows for a difference.";
    ACCESS_TOKEN_NOT_BEFORE = "access_token.not_before", Person, "The access token is not valid yet.", "Compare the clocks of both machines; clock_skew (60 s) allows for a difference.";
    ACCESS_TOKEN_ISSUED_AT = "access_token.issued_at", Person, "The access token comes from the future.", "Compare the clocks of both machines; clock_skew (60 s) allows for a difference.";
    ACCESS_TOKEN_KIND = "access_token.kind", Person, "This is a token, but no access token.", "Send the access token, not the ID token or another one; the log says what gave it away.";
    ACCESS_TOKEN_PROFILE = "access_token.profile", Person, "The access token does not keep to RFC 9068.", "The log says what is missing. Have the provider write `at+jwt` tokens, or don't demand the profile.";
    ACCESS_TOKEN_INACTIVE = "access_token.inactive", Person, "The access token is not active.", "The provider says so: it has ended, was revoked, or is not one of its tokens.";
    ACCESS_TOKEN_CONFIRMATION = "access_token.confirmation", Person, "The access token is bound to a key or certificate that was not shown.", "Send it with a DPoP proof (RFC 9449), or over the connection whose certificate it names (RFC 8705).";
    // What a request to an API brings.
    BEARER_MISSING = "bearer.missing", Person, "An access token is needed for this.", "Send `Authorization: Bearer` and the token.";
    BEARER_REQUEST = "bearer.request", Person, "The request carries its access token in a wrong way.", "One token, in one `Authorization` header, in the characters of RFC 6750 section 2.1.";
    BEARER_SCOPE = "bearer.scope", Person, "The access token lacks a scope that is needed here.", "The challenge names the scopes; ask the provider for a token that has them.";
    BEARER_ROLE = "bearer.role", Person, "You lack a role that is needed here.", "The log names the roles and where they were looked for (`--roles-claim`).";
    BEARER_CLAIM = "bearer.claim", Person, "The access token does not say what is needed here.", "The log names the claim and the value that is needed.";
    BEARER_STEP_UP = "bearer.step_up", Person, "You have to sign in again, or more strongly, for this.", "The challenge says how (`acr_values`, `max_age`, RFC 9470).";
    // UserInfo.
    USER_INFO_REFUSED = "user_info.refused", Provider, "The provider does not hand out the profile.", "The access token was refused at the userinfo_endpoint; is the scope openid asked for? UserInfo can be switched off.";
    USER_INFO_SUBJECT = "user_info.subject", Provider, "The profile belongs to somebody else.", "`sub` of the UserInfo answer must equal that of the ID token (OpenID Connect Core 1.0 section 5.3.2).";
    USER_INFO_MEMBER = "user_info.member", Provider, "The profile can't be read.", "The message names what is wrong (OpenID Connect Core 1.0 section 5.3.2).";
    // Proofs of possession (DPoP).
    DPOP_MISSING = "dpop.missing", Person, "The token is bound to a key, and no proof of that key came.", "Send a proof in a DPoP header with each request (RFC 9449 section 7.1).";
    DPOP_SEVERAL = "dpop.several", Person, "Several proofs came with one request.", "Send one DPoP header (RFC 9449 section 4.3).";
    DPOP_TOO_LARGE = "dpop.too_large", Person, "The proof is too large.", "Proofs up to 8 KiB are read.";
    DPOP_MALFORMED = "dpop.malformed", Person, "The proof can't be read, or it brings no usable public key.", "It is a compact JWS whose header has the public half of the key as `jwk`, and whose payload is one JSON object (RFC 9449 section 4.2).";
    DPOP_ALGORITHM = "dpop.algorithm", Person, "The proof is signed in a way that is not allowed.", "The challenge lists what is accepted as `algs`; secrets and `none` never are.";
    DPOP_SIGNATURE = "dpop.signature", Person, "The signature of the proof is wrong.", "The private half of the `jwk` in the proof's header must sign it.";
    DPOP_TYP = "dpop.typ", Person, "The proof is another kind of token.", "Its header has `typ` as `dpop+jwt`.";
    DPOP_CLAIM = "dpop.claim", Person, "A claim of the proof is missing or has a wrong form.", "The message names it (RFC 9449 section 4.2).";
    DPOP_METHOD = "dpop.htm", Person, "The proof is for another method.", "`htm` is the method of the request, in its case; every request needs a proof of its own.";
    DPOP_URL = "dpop.htu", Person, "The proof is for another address.", "`htu` is the address of the request without query and fragment. Behind a proxy, set the address that clients use (base_url).";
    DPOP_NONCE = "dpop.nonce", Person, "The proof lacks a current nonce of this server.", "Send the request again with the nonce of the DPoP-Nonce header (RFC 9449 section 9).";
    DPOP_ISSUED_AT = "dpop.iat", Person, "The proof was not made just now.", "Make a proof for each request, and compare the clocks of both machines.";
    DPOP_TOKEN = "dpop.ath", Person, "The proof is for another token.", "`ath` is the SHA-256 of the access token in base64url.";
    DPOP_KEY = "dpop.key", Person, "The proof is signed by another key than the token's.", "Sign with the key that the token was asked for; its thumbprint is `cnf.jkt` of the token.";
    DPOP_REPLAY = "dpop.replay", Person, "The proof was used before.", "Make a proof with a new `jti` for each request (RFC 9449 section 11.1).";
    DPOP_BUSY = "dpop.busy", Network, "Too many proofs came within a short time.", "Try again in a moment. Proofs are remembered while they are valid, and the memory for them is bounded.";
    // Settings that a person hands in, and ourselves.
    SETUP_OPTION = "setup.option", Setup, "A setting is wrong.", "The message names the setting and the form it should have.";
    ENTROPY = "bug.entropy", Bug, "No randomness could be had.", "The operating system refused; nothing can be done safely without it.";
    BUG = "bug.internal", Bug, "Something went wrong inside countersign.", "Please report it with the message in the log.";
}

/// The provider's own words (RFC 6749 section 4.1.2.1), cut to the characters allowed there.
///
/// ```
/// use countersign_protocol::ProviderSays;
/// let says = ProviderSays::new("access_denied", Some("<b>no</b>\u{7}"));
/// assert_eq!(says.to_string(), "access_denied: <b>no</b>");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Words")]
#[non_exhaustive]
pub struct ProviderSays {
    /// `error`
    pub error: String,
    /// `error_description`
    pub description: Option<String>,
}

impl ProviderSays {
    /// Keeps printable ASCII without quote and backslash, at most 64 and 512 characters of it.
    #[must_use]
    pub fn new(error: &str, description: Option<&str>) -> Self {
        Self {
            error: allowed(error, 64),
            description: description.map(|text| allowed(text, 512)).filter(|text| !text.is_empty()),
        }
    }

    /// The same without words that repeat a secret, as in "unknown token ya29…".
    #[must_use]
    pub(crate) fn without(mut self, secret: &Secret) -> Self {
        // Its beginning is enough, as the words have it: the end may have been cut away.
        let start = allowed(secret.expose(), 16);
        self.description = self.description.filter(|words| !words.contains(&start));
        // A registered code decides something, and is in other letters than most secrets are.
        let is_code = self.error.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        if !is_code && self.error.contains(&start) {
            self.error.clear();
        }
        self
    }

    /// The same for a secret that there may be.
    #[must_use]
    pub(crate) fn without_any(self, secret: Option<&Secret>) -> Self {
        match secret {
            Some(secret) => self.without(secret),
            None => self,
        }
    }

    /// From a JSON error answer (RFC 6749 section 5.2).
    #[must_use]
    pub fn from_json(answer: &countersign_jose::json::Object) -> Option<Self> {
        let error = answer.get("error")?.as_str()?;
        Some(Self::new(error, answer.get("error_description").and_then(|text| text.as_str())))
    }
}

/// The words as they were written down; reading them cuts them again.
#[derive(Deserialize)]
struct Words {
    error: String,
    description: Option<String>,
}

impl From<Words> for ProviderSays {
    fn from(words: Words) -> Self {
        Self::new(&words.error, words.description.as_deref())
    }
}

impl fmt::Display for ProviderSays {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.error)?;
        match &self.description {
            Some(description) => write!(f, ": {description}"),
            None => Ok(()),
        }
    }
}

/// `%x20-21 / %x23-5B / %x5D-7E`
fn allowed(text: &str, most: usize) -> String {
    text.chars()
        .filter(|c| matches!(c, ' ' | '!' | '#'..='[' | ']'..='~'))
        .take(most)
        .collect::<String>()
        .trim()
        .to_owned()
}

/// The entry of a signature's error; its own crate knows nothing of this table.
pub(crate) fn of_signature(error: &countersign_jose::SignatureError) -> &'static Code {
    let known = CODES.iter().find(|entry| entry.code == error.code());
    known.copied().unwrap_or(&JWS_MALFORMED)
}
