//! The authorization request (section 3.1.2.1), with PKCE (RFC 7636).

use serde_json::Value;
use url::Url;

use super::options::{LoginOptions, OptionError};
use super::pending::{Expected, PendingLogin};
use crate::discovery::Metadata;
use crate::value::client::Client;
use crate::value::issuer::IssuerIdentity;
use crate::value::random::{self, RANDOM_BYTES};
use crate::value::time::UnixTime;

/// The random bytes of one login.
#[expect(clippy::exhaustive_structs, reason = "the caller draws them")]
pub struct Randomness {
    /// For `state`.
    pub state: [u8; RANDOM_BYTES],
    /// For `nonce`.
    pub nonce: [u8; RANDOM_BYTES],
    /// For `code_verifier`.
    pub verifier: [u8; RANDOM_BYTES],
}

impl From<[u8; 3 * RANDOM_BYTES]> for Randomness {
    /// Splits what was drawn at once.
    fn from(drawn: [u8; 3 * RANDOM_BYTES]) -> Self {
        let mut random = Self {
            state: [0; RANDOM_BYTES],
            nonce: [0; RANDOM_BYTES],
            verifier: [0; RANDOM_BYTES],
        };
        let parts = [&mut random.state, &mut random.nonce, &mut random.verifier];
        for (part, drawn) in parts.into_iter().zip(drawn.chunks_exact(RANDOM_BYTES)) {
            part.copy_from_slice(drawn);
        }
        random
    }
}

impl std::fmt::Debug for Randomness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Randomness(…)")
    }
}

/// Who asks whom: the standing half of an authorization request.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "the engine writes it")]
pub struct Begin<'a> {
    /// The provider.
    pub provider: &'a Metadata,
    /// Who the provider is.
    pub identity: &'a IssuerIdentity,
    /// Who we are.
    pub client: &'a Client,
    /// Where the answer goes.
    pub redirect_uri: &'a Url,
    /// `scope` when the options name none.
    pub scope: &'a str,
}

impl Begin<'_> {
    /// The address to send the browser to, and what to keep until it comes back. `state`, `nonce`
    /// and PKCE are always sent.
    ///
    /// # Errors
    /// [`OptionError`] for an option that can't be sent.
    pub fn login(
        &self,
        options: LoginOptions,
        random: &Randomness,
        now: UnixTime,
    ) -> Result<(Url, PendingLogin), OptionError> {
        let options = options.checked()?;
        let (state, nonce) = match &options.chosen {
            Some(drawn) => (drawn.state.clone(), drawn.nonce.clone()),
            None => (random::state(random.state, options.attempt), random::nonce(random.nonce)),
        };
        let verifier = (!options.without_pkce).then(|| random::verifier(random.verifier));
        let redirect_uri = options.redirect_uri.as_ref().unwrap_or(self.redirect_uri).clone();
        let scope = with_openid(options.scope.as_deref().unwrap_or(self.scope));

        let endpoint = self.provider.authorization_endpoint();
        let mut url = endpoint.ok_or(OptionError::NoAuthorizationEndpoint)?.clone();
        {
            let mut query = url.query_pairs_mut();
            query.append_pair("response_type", "code");
            query.append_pair("client_id", self.client.id());
            query.append_pair("redirect_uri", redirect_uri.as_str());
            query.append_pair("scope", &scope);
            query.append_pair("state", &state);
            query.append_pair("nonce", &nonce);
            if let Some(verifier) = &verifier {
                query.append_pair("code_challenge", &random::challenge(verifier));
                query.append_pair("code_challenge_method", "S256");
            }
            let acr_values = options.acr_values.join(" ");
            let optional = [
                ("response_mode", options.response_mode.map(|mode| mode.name().to_owned())),
                ("prompt", options.prompt.clone()),
                ("max_age", options.max_age.map(|seconds| seconds.to_string())),
                ("login_hint", options.login_hint.clone()),
                ("acr_values", Some(acr_values).filter(|values| !values.is_empty())),
                ("ui_locales", options.ui_locales.clone()),
                ("claims", options.claims.clone().map(|claims| Value::Object(claims).to_string())),
                (
                    "id_token_hint",
                    options.id_token_hint.as_ref().map(|hint| hint.expose().to_owned()),
                ),
            ];
            for (name, value) in optional {
                if let Some(value) = value {
                    query.append_pair(name, &value);
                }
            }
            query.extend_pairs(&options.extra);
        }

        let pending = PendingLogin {
            state,
            verifier,
            issuer: self.identity.as_str().to_owned(),
            announces_iss: self.provider.announces_iss(),
            client_id: self.client.id().to_owned(),
            redirect_uri,
            scope,
            started_at: now,
            silent: options.silent,
            expected: Expected {
                nonce: Some(nonce),
                began_at: now,
                max_age: options.max_age,
                essential: options.essential(),
                acr_values: options.acr_values,
                subject: options.subject,
            },
            return_to: options.return_to,
        };
        Ok((url, pending))
    }
}

/// Without `openid` it would be no OpenID Connect request (section 3.1.2.1).
fn with_openid(scope: &str) -> String {
    let mut scopes: Vec<&str> = scope.split_ascii_whitespace().collect();
    if !scopes.contains(&"openid") {
        scopes.insert(0, "openid");
    }
    scopes.join(" ")
}
