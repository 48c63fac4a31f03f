//! UserInfo: of the person who has signed in, or of nobody.

use std::sync::LazyLock;

use countersign_jose::{Allowed, KeySet, Object};
use countersign_protocol::exchange::Exchange;
use countersign_protocol::id_token::{DEFAULT_CLOCK_SKEW, IdToken, IdTokenRules};
use countersign_protocol::user_info::{AskUserInfo, UserInfoAnswer};
use countersign_protocol::{Secret, Verified};
use http::StatusCode;
use serde_json::{Value, json};
use url::Url;

use crate::Outcome;
use crate::support::answer::{CLIENT, NOW, good_claims, identity, json_response, redeem, response};
use crate::support::keys;

pub(crate) fn run(data: &[u8]) -> Outcome {
    let (identity, allowed) = (identity(), Allowed::asymmetric());
    let check = |media_type, must_be_signed| {
        let answer = ask().answer(response(StatusCode::OK, media_type, data)).ok()?;
        match answer {
            UserInfoAnswer::Plain(plain) => plain.verify(must_be_signed, NOW).ok(),
            UserInfoAnswer::Signed(jwt) => {
                jwt.verify(&KEYS, &allowed, &identity, Some(CLIENT), NOW).ok()
            }
        }
    };
    assert!(check("application/json", true).is_none(), "plain where signed was agreed");
    assert!(check("application/jwt", false).is_none(), "nobody has signed a profile");
    let Some(profile) = check("application/json", false) else { return Outcome::Refused };
    let said: Value = serde_json::from_slice(data).expect("it was read before");
    assert_eq!(said.get("sub"), Some(&json!("alice")), "the profile of somebody else");
    assert_eq!(said, Value::Object(profile.into_inner().into_claims()));
    Outcome::Accepted
}

fn ask() -> AskUserInfo {
    let endpoint = Url::parse("https://op.example/userinfo").expect("it is an address");
    AskUserInfo::new(&endpoint, &Secret::from("access"), &ALICE)
}

static ALICE: LazyLock<Verified<IdToken>> = LazyLock::new(|| {
    let claims = Value::Object(good_claims()).to_string();
    let token = keys::ed25519().sign(&Object::new(), claims.as_bytes()).expect("the key signs");
    let answer = json!({ "access_token": "access", "token_type": "Bearer", "id_token": token });
    let answer = json_response(answer.to_string().as_bytes());
    let received = redeem().answer(answer).expect("the answer is good");
    let (identity, allowed) = (identity(), Allowed::asymmetric());
    let rules = IdTokenRules {
        identity: &identity,
        client_id: CLIENT,
        allowed: &allowed,
        trusted_audiences: &[],
        clock_skew: DEFAULT_CLOCK_SKEW,
    };
    received.verify(&rules, &KEYS, NOW).expect("the token is good")
});

static KEYS: LazyLock<KeySet> = LazyLock::new(|| KeySet::from_jwks([keys::ed25519().public_jwk()]));
