//! A token with chosen claims, for what is asked of it.

use countersign_protocol::access_token::{AccessToken, AccessTokenRules, AudienceRule, Profile};
use countersign_protocol::jose::Allowed;
use countersign_protocol::jose::json::Document;
use countersign_protocol::value::issuer::IssuerIdentity;
use countersign_protocol::{Issuer, Verified};
use serde_json::Value;
use std::time::Duration;

use crate::support::{ISSUER, NOW};

pub(super) fn token(claims: Value) -> Verified<AccessToken> {
    let identity = IssuerIdentity::One(Issuer::parse(ISSUER).unwrap());
    let rules = AccessTokenRules {
        audience: AudienceRule::Ours,
        needs_kid: false,
        identity: &identity,
        audiences: &[],
        clients: &[],
        allowed: &Allowed::asymmetric(),
        profile: Profile::Any,
        clock_skew: Duration::ZERO,
    };
    rules
        .introspected(Document::parse(claims.to_string()).unwrap(), AudienceRule::OursIfNamed, NOW)
        .unwrap()
}
