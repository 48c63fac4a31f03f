//! `countersign token decode`: what stands in a token, whoever wrote it.

use countersign::outside::{Clock, SystemClock};
use countersign::protocol::jose::{Jws, Object, base64url, json};
use countersign::{Secret, UnixTime};
use serde_json::{Value, json};

use super::given::{self, Given};
use super::show;
use crate::error::CommandError;
use crate::output;

/// Show what stands in a token, without checking it
///
/// Nothing is sent anywhere, and nothing is believed: whoever wants to know whether a token is good
/// takes `countersign token verify`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    countersign token decode eyJhbGciOi…\n  \
    countersign token mint | countersign token decode\n  \
    countersign token decode --json < token.txt")]
pub(crate) struct Arguments {
    #[command(flatten)]
    token: Given,

    /// Print one line of JSON instead of text
    #[arg(long)]
    json: bool,
}

impl Arguments {
    pub(crate) fn run(self) -> Result<(), CommandError> {
        let token = self.token.read()?;
        let decoded = Decoded::of(&token)?;
        let now = SystemClock.now();
        if self.json {
            output::json(&decoded.json(now));
        } else {
            output::say(&decoded.text(now));
        }
        Ok(())
    }
}

/// The two readable parts of a token.
struct Decoded {
    header: Object,
    /// None of an encrypted token.
    claims: Option<Object>,
    /// Why every API refuses it at sight.
    refused: Option<String>,
}

impl Decoded {
    fn of(token: &Secret) -> Result<Self, CommandError> {
        let text = token.expose();
        let parts: Vec<&str> = text.split('.').collect();
        let (header, claims) = match parts.as_slice() {
            [header, claims, _] => (*header, Some(*claims)),
            [header, _, _, _, _] => (*header, None),
            [_] => return Err(given::opaque()),
            other => {
                let parts = other.len();
                return Err(refused(&format!(
                    "this is no JWT: expected three parts with dots between, got {parts}; was it \
                     copied whole?"
                )));
            }
        };
        Ok(Self {
            header: object("header", header)?,
            claims: claims.map(|claims| object("payload", claims)).transpose()?,
            refused: Jws::parse(text).err().map(|why| format!("{}: {why}", why.code())),
        })
    }

    fn text(&self, now: UnixTime) -> String {
        let mut parts = vec![output::bold(WARNING)];
        if let Some(why) = &self.refused {
            parts.push(format!("Every API refuses this token ({why})."));
        }
        parts.push(format!("Header\n{}", show::pretty(&self.header)));
        match &self.claims {
            Some(claims) => parts.push(show::claims(claims, now)),
            None => parts.push("Claims\nencrypted; nobody but its recipient reads them".to_owned()),
        }
        parts.join("\n\n")
    }

    fn json(&self, now: UnixTime) -> Value {
        let expires_at = self.claims.as_ref().and_then(|claims| claims.get("exp"));
        let expires_at = expires_at.and_then(UnixTime::from_json);
        json!({
            "verified": false,
            "refused": self.refused,
            "expired": expires_at.map(|at| at <= now),
            "header": self.header,
            "claims": self.claims,
        })
    }
}

fn object(part: &str, text: &str) -> Result<Object, CommandError> {
    let bytes = base64url::decode(text)
        .map_err(|why| refused(&format!("the token's {part} is not readable: {why}")))?;
    json::object(&bytes)
        .map_err(|why| refused(&format!("the token's {part} is not readable: {why}")))
}

fn refused(what: &str) -> CommandError {
    CommandError::Token { code: MALFORMED, what: what.to_owned() }
}

const MALFORMED: &str = "jws.malformed";
const WARNING: &str = "UNVERIFIED: nobody has checked who wrote this.";
