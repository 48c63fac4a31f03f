//! Misbehaviour on demand: what a careful relying party must refuse, each case by name.
//!
//! A [`Mischief`] is one small step that bends an answer. A case ([`cases`]) is a name for a few
//! steps. Steps are set for one client or for all, at start or while the provider runs.

mod cases;
mod der;
mod forge;
mod transfer;
mod weak;

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use countersign_jose::json::Object;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use self::cases::{Case, cases};
pub(crate) use self::forge::Forge;
pub(crate) use self::transfer::bend;
pub(crate) use self::weak::weak_jwk;
use crate::Endpoint;

/// One step away from the specifications.
///
/// ```
/// use countersign_dev_provider::{Endpoint, Mischief};
/// use serde_json::json;
///
/// // by name …
/// let steps = Mischief::named("id_token.alg_none").unwrap();
/// // … or said in full
/// let other = [
///     Mischief::claim("iss", json!("https://evil.example")),
///     Mischief::without_claim("nonce"),
///     Mischief::answer(Endpoint::UserInfo, 503),
/// ];
/// # assert_eq!(steps.len(), 1);
/// # assert_eq!(other.len(), 3);
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Mischief {
    /// Changes a member of a JSON object.
    Member {
        /// Which object.
        of: Part,
        /// The member's name.
        name: String,
        /// What happens to it.
        change: Change,
    },
    /// Signs the ID token in a wrong way.
    Signature(Signature),
    /// Breaks the text of the ID token, with a signature that fits.
    Text(Text),
    /// Puts a key in front of the key set.
    KeyFirst(Object),
    /// Replaces a parameter of the authorization response by these values; none removes it, two
    /// double it. `$` stands for the value that would have been right.
    Callback {
        /// The parameter.
        name: String,
        /// Its new values.
        values: Vec<String>,
    },
    /// Replaces parts of an HTTP answer.
    Answer {
        /// Which endpoint answers.
        endpoint: Endpoint,
        /// The status code, when it changes.
        #[serde(default)]
        status: Option<u16>,
        /// Header fields to set.
        #[serde(default)]
        headers: BTreeMap<String, String>,
        /// The body, when it changes.
        #[serde(default)]
        body: Option<String>,
    },
    /// Delivers an HTTP answer in an unpleasant way.
    Transfer {
        /// Which endpoint answers.
        endpoint: Endpoint,
        /// In which way.
        how: Transfer,
    },
    /// Makes new keys just before each ID token is signed.
    RotateKeys,
}

/// The JSON objects that can be bent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Part {
    /// The claims of every ID token.
    IdToken,
    /// The claims of ID tokens that a refresh brings.
    RefreshedIdToken,
    /// The JOSE header of ID tokens.
    Header,
    /// The claims at userinfo.
    UserInfo,
    /// The answer of the token endpoint.
    TokenAnswer,
    /// The answer of the token endpoint to a refresh.
    RefreshAnswer,
    /// The provider's metadata.
    Metadata,
    /// Every key of the key set.
    EachKey,
    /// The answer to a registration.
    Registration,
    /// The claims of logout tokens.
    LogoutToken,
    /// The claims of access tokens that are JWTs.
    AccessToken,
    /// What introspection says, signed or not.
    Introspection,
}

/// What happens to a member.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Change {
    /// It gets this value.
    Set(Value),
    /// It becomes a list of what it was and this value.
    Append(Value),
    /// It becomes a time, so many seconds from now.
    SecondsFromNow(i64),
    /// It goes away.
    Remove,
}

/// Wrong signatures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Signature {
    /// `alg: none` and no signature.
    None,
    /// An announced algorithm and no signature.
    Empty,
    /// One bit of the signature flipped.
    Damaged,
    /// ES256, with r and s zero.
    Zero,
    /// ES256, in ASN.1 DER instead of RFC 7518 section 3.4.
    Der,
    /// A key that is not in the key set, under a key id that is.
    Unpublished,
    /// A key that is not in the key set, under its own key id.
    UnknownKey,
    /// RSA with 1024 bits; the key set shows that key.
    Weak,
    /// An unpublished key that comes along in the header's `jwk`.
    EmbeddedJwk,
    /// An unpublished key to which the header's `jku` points.
    EmbeddedJku,
    /// An unpublished key to which the header's `x5u` points.
    EmbeddedX5u,
    /// HS256 under the text of the public key as PEM.
    MacUnderPem,
    /// HS256 under the bytes of the public key as DER.
    MacUnderDer,
    /// HS256 under the public key as JWK.
    MacUnderJwk,
    /// HS256 under the modulus of the public key.
    MacUnderModulus,
    /// A published key of another algorithm than the client registered.
    ForeignAlgorithm,
}

/// Broken texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Text {
    /// `sub` twice in the payload; the second is an impostor.
    DuplicateClaim,
    /// `alg` twice in the header.
    DuplicateHeader,
    /// A claim with ten thousand nested arrays.
    DeepNesting,
    /// A claim of two megabytes.
    Megabytes,
    /// Padding and a foreign letter in the payload.
    BadBase64,
    /// Bytes that are no UTF-8 in a claim.
    BadUtf8,
}

/// Unpleasant deliveries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Transfer {
    /// No answer ever comes.
    Silence,
    /// The connection closes in the middle of the body.
    Cut,
    /// The body never ends.
    Endless,
    /// The body is compressed although nobody asked for it.
    Gzip,
    /// The answer comes late by so many milliseconds.
    Slow(u64),
}

impl Mischief {
    /// The steps of a case by its name; see [`cases`].
    pub fn named(name: &str) -> Option<Vec<Self>> {
        cases::steps(name)
    }

    /// Gives a claim of the ID token this value.
    pub fn claim(name: impl Into<String>, value: impl Into<Value>) -> Self {
        Self::set(Part::IdToken, name, value)
    }

    /// Leaves a claim out of the ID token.
    pub fn without_claim(name: impl Into<String>) -> Self {
        Self::remove(Part::IdToken, name)
    }

    /// Gives a member this value.
    pub fn set(of: Part, name: impl Into<String>, value: impl Into<Value>) -> Self {
        Self::Member { of, name: name.into(), change: Change::Set(value.into()) }
    }

    /// Leaves a member out.
    pub fn remove(of: Part, name: impl Into<String>) -> Self {
        Self::Member { of, name: name.into(), change: Change::Remove }
    }

    /// Answers with this status and a short body.
    pub fn answer(endpoint: Endpoint, status: u16) -> Self {
        let body = Some(format!("{{\"error\":\"mischief\",\"status\":{status}}}"));
        Self::Answer { endpoint, status: Some(status), headers: BTreeMap::new(), body }
    }

    /// Sends whoever asks to this address.
    pub fn redirect(endpoint: Endpoint, to: impl Into<String>) -> Self {
        let headers = BTreeMap::from([("location".to_owned(), to.into())]);
        Self::Answer { endpoint, status: Some(302), headers, body: Some(String::new()) }
    }

    /// Delivers the answers of an endpoint in this way.
    pub fn transfer(endpoint: Endpoint, how: Transfer) -> Self {
        Self::Transfer { endpoint, how }
    }
}

/// Whom a misbehaviour meets.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(clippy::exhaustive_enums, reason = "one or all: there is no third")]
pub enum Who {
    /// Every client, also where an endpoint doesn't know who asks (metadata, keys).
    All,
    /// The client with this `client_id`.
    Client(String),
}

/// A name that is not among [`cases`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no mischief is named {0:?}; GET /dev/mischief lists the names")]
#[expect(clippy::exhaustive_structs, reason = "the name is all there is to say")]
pub struct UnknownCase(pub String);

/// The switchboard of a running provider.
#[derive(Debug, Default)]
pub struct MischiefSwitch {
    set: Mutex<BTreeMap<Who, Vec<Mischief>>>,
}

impl MischiefSwitch {
    /// Misbehaves in these steps from now on, instead of in those set before.
    pub fn set(&self, who: Who, steps: impl IntoIterator<Item = Mischief>) {
        self.locked().insert(who, steps.into_iter().collect());
    }

    /// Misbehaves as the case of this name says.
    ///
    /// # Errors
    /// [`UnknownCase`] when there is none.
    pub fn set_case(&self, who: Who, name: &str) -> Result<(), UnknownCase> {
        let steps = Mischief::named(name).ok_or_else(|| UnknownCase(name.to_owned()))?;
        self.set(who, steps);
        Ok(())
    }

    /// Behaves again, towards everybody.
    pub fn clear(&self) {
        self.locked().clear();
    }

    /// What is set, by client (`*` for all).
    pub fn active(&self) -> BTreeMap<String, Vec<Mischief>> {
        let named = |who: &Who| match who {
            Who::All => "*".to_owned(),
            Who::Client(id) => id.clone(),
        };
        self.locked().iter().map(|(who, steps)| (named(who), steps.clone())).collect()
    }

    /// The steps that meet this client.
    pub(crate) fn steps(&self, client: Option<&str>) -> Steps {
        let set = self.locked();
        let mut steps = set.get(&Who::All).cloned().unwrap_or_default();
        if let Some(client) = client {
            let own = set.get(&Who::Client(client.to_owned()));
            steps.extend(own.into_iter().flatten().cloned());
        }
        Steps(steps)
    }

    fn locked(&self) -> std::sync::MutexGuard<'_, BTreeMap<Who, Vec<Mischief>>> {
        self.set.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The steps that meet one request.
#[derive(Debug, Default)]
pub(crate) struct Steps(pub(crate) Vec<Mischief>);

impl Steps {
    /// Bends an object.
    pub(crate) fn bend_object(&self, part: Part, object: &mut Object, now: i64) {
        for step in &self.0 {
            if let Mischief::Member { of, name, change } = step
                && *of == part
            {
                change.apply(name, object, now);
            }
        }
    }

    /// Bends a key set.
    pub(crate) fn bend_keys(&self, keys: &mut Vec<Object>, now: i64) {
        for key in keys.iter_mut() {
            self.bend_object(Part::EachKey, key, now);
        }
        for step in self.0.iter().rev() {
            if let Mischief::KeyFirst(key) = step {
                keys.insert(0, key.clone());
            }
        }
    }

    /// Bends the parameters of an authorization response.
    pub(crate) fn bend_callback(&self, pairs: &mut Vec<(String, String)>) {
        for step in &self.0 {
            let Mischief::Callback { name, values } = step else { continue };
            let right = pairs.iter().find(|(known, _)| known == name).map(|(_, v)| v.clone());
            pairs.retain(|(known, _)| known != name);
            for value in values {
                let value = value.replace('$', right.as_deref().unwrap_or_default());
                pairs.push((name.clone(), value));
            }
        }
    }

    pub(crate) fn signature(&self) -> Option<Signature> {
        self.0.iter().rev().find_map(|step| match step {
            Mischief::Signature(signature) => Some(*signature),
            _ => None,
        })
    }

    pub(crate) fn text(&self) -> Option<Text> {
        self.0.iter().rev().find_map(|step| match step {
            Mischief::Text(text) => Some(*text),
            _ => None,
        })
    }

    pub(crate) fn rotates_keys(&self) -> bool {
        self.0.contains(&Mischief::RotateKeys)
    }
}

impl Change {
    fn apply(&self, name: &str, object: &mut Object, now: i64) {
        match self {
            Self::Set(value) => drop(object.insert(name.to_owned(), value.clone())),
            Self::SecondsFromNow(seconds) => {
                drop(object.insert(name.to_owned(), Value::from(now.saturating_add(*seconds))));
            }
            Self::Append(value) => {
                let before = object.remove(name).into_iter();
                let list: Vec<Value> = before.chain([value.clone()]).collect();
                object.insert(name.to_owned(), Value::Array(list));
            }
            Self::Remove => drop(object.remove(name)),
        }
    }
}
