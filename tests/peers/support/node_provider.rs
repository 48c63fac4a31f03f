//! npm's oidc-provider as a child process that ends with the test.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde_json::{Value, json};
use ureq::Body;
use ureq::http::Response;
use url::Url;

use super::person::Person;
use super::program::{self, NodeProgram};

/// A running provider; it ends when this is dropped.
#[derive(Debug)]
pub(crate) struct NodeProvider {
    /// Where it is, without a slash at the end.
    pub(crate) issuer: String,
    /// Its static clients by name: one by each way to authenticate (`client_secret_basic`, …, `none`), by each
    /// algorithm of ID tokens besides RS256 (`es256`, `eddsa`, `ps256`), `hybrid`, and the APIs `api` and `api-es256`.
    pub(crate) clients: BTreeMap<String, NodeClient>,
    _program: NodeProgram,
}

/// What a relying party has to know to be this client.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct NodeClient {
    pub(crate) client_id: String,
    pub(crate) client_secret: Option<String>,
    pub(crate) token_endpoint_auth_method: String,
}

/// What a token endpoint gives, RFC 6749 section 5.1.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct TokenAnswer {
    pub(crate) access_token: String,
    pub(crate) token_type: String,
    pub(crate) scope: Option<String>,
}

/// What it gives instead.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) nonce: Option<String>,
    pub(crate) body: Value,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the provider refuses: {}", self.body)
    }
}

impl NodeProvider {
    /// Starts one with these settings, which `tests/peers/node/op/settings.mjs` lists; `json!({})` is fine.
    pub(crate) fn start(settings: &Value) -> Self {
        let (program, ready): (_, Ready) = NodeProgram::start("op.mjs", settings);
        Self { issuer: ready.issuer, clients: ready.clients, _program: program }
    }

    /// The client with this name.
    pub(crate) fn client(&self, name: &str) -> &NodeClient {
        self.clients
            .get(name)
            .unwrap_or_else(|| panic!("no client {name} in {:?}", self.clients.keys()))
    }

    /// Signs with new keys from here on; the old ones vanish from the key set, or stay with `keep`.
    pub(crate) fn rotate_keys(&self, keep: bool) {
        self.control("rotate-keys", &json!({ "keep": keep }));
    }

    /// Changes settings; sessions and grants stay.
    pub(crate) fn set(&self, settings: &Value) {
        self.control("settings", settings);
    }

    /// Answers everything with 503 from here on, or no longer.
    pub(crate) fn be_down(&self, down: bool) {
        self.control("weather", &json!({ "down": down }));
    }

    /// A token by `client_credentials`, with further fields of the form such as `resource` and `scope`.
    pub(crate) fn token(&self, more: &[(&str, &str)]) -> TokenAnswer {
        self.token_with(more, None).unwrap_or_else(|error| panic!("{error}"))
    }

    /// As [`NodeProvider::token`], with a proof of possession in the header `DPoP`.
    ///
    /// # Errors
    ///
    /// What the provider answers instead, and the nonce that it wants to see.
    pub(crate) fn token_with(
        &self,
        more: &[(&str, &str)],
        proof: Option<&str>,
    ) -> Result<TokenAnswer, Refused> {
        let mut form = vec![("grant_type", "client_credentials")];
        form.extend(more);
        let mut answer = self.ask_as(TOKEN_CLIENT, "/token", form, proof);
        if answer.status().is_success() {
            return Ok(answer.body_mut().read_json().unwrap());
        }
        let nonce = answer.headers().get("dpop-nonce");
        let nonce = nonce.map(|nonce| nonce.to_str().unwrap().to_owned());
        Err(Refused { nonce, body: answer.body_mut().read_json().unwrap() })
    }

    /// Takes an opaque token back, RFC 7009.
    pub(crate) fn revoke(&self, token: &str) {
        let answer = self.ask_as(TOKEN_CLIENT, "/token/revocation", vec![("token", token)], None);
        assert!(answer.status().is_success(), "{answer:?}");
    }

    /// The ID token of a person at this client, as the provider signs it.
    pub(crate) fn id_token(&self, client: &str, person: &str) -> String {
        let challenge = [
            // The example of RFC 7636, appendix B.
            ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
            ("code_challenge_method", "S256"),
        ];
        let address = Url::parse_with_params(
            &format!("{}/auth", self.issuer),
            [
                ("client_id", &*self.client(client).client_id),
                ("response_type", "code"),
                ("scope", "openid"),
                ("redirect_uri", CALLBACK),
                ("nonce", "some-nonce"),
            ]
            .into_iter()
            .chain(challenge),
        );
        let arrival = Person::new(person).log_in(address.unwrap().as_str());
        let code = arrival.parameter("code").unwrap_or_else(|| panic!("{arrival:?}"));
        let form = vec![
            ("grant_type", "authorization_code"),
            ("code", &*code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
        ];
        let mut answer = self.ask_as(client, "/token", form, None);
        let answer: Value = answer.body_mut().read_json().unwrap();
        answer["id_token"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
    }

    /// The names of its published keys.
    pub(crate) fn kids(&self) -> Vec<String> {
        let keys =
            ureq::get(format!("{}/jwks", self.issuer)).call().unwrap().body_mut().read_json();
        let keys: Value = keys.unwrap();
        let keys = keys["keys"].as_array().unwrap();
        keys.iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
    }

    fn ask_as<'f>(
        &'f self,
        client: &str,
        path: &str,
        mut form: Vec<(&'f str, &'f str)>,
        proof: Option<&str>,
    ) -> Response<Body> {
        let NodeClient { client_id, client_secret, .. } = self.client(client);
        form.extend([
            ("client_id", &**client_id),
            ("client_secret", client_secret.as_deref().unwrap()),
        ]);
        let address = format!("{}{path}", self.issuer);
        let mut request = ureq::post(address).config().http_status_as_error(false).build();
        if let Some(proof) = proof {
            request = request.header("DPoP", proof);
        }
        request.send_form(form).unwrap()
    }

    /// How often something has been asked for, as in `requests("GET /jwks")`.
    pub(crate) fn requests(&self, what: &str) -> u64 {
        program::requests(&self.issuer, what)
    }

    fn control(&self, what: &str, body: &Value) -> Value {
        program::control(&self.issuer, what, body)
    }
}

#[derive(Deserialize)]
struct Ready {
    issuer: String,
    clients: BTreeMap<String, NodeClient>,
}

/// The one that tokens are given to.
pub(crate) const TOKEN_CLIENT: &str = "client_secret_post";
const CALLBACK: &str = "http://127.0.0.1:3000/auth/callback";
