//! Provider metadata: of the issuer that was asked, with addresses that are safe to call.

use countersign_protocol::discovery::{Fetch, Metadata};
use countersign_protocol::exchange::Exchange;
use countersign_protocol::value::issuer::is_loopback;
use url::Url;

use crate::Outcome;
use crate::support::answer::{ISSUER, identity, json_response};

pub(crate) fn run(data: &[u8]) -> Outcome {
    let url = Url::parse("https://op.example/.well-known/openid-configuration")
        .expect("it is an address");
    let fetched = Fetch::new(identity(), url, false).answer(json_response(data));
    match &fetched {
        Ok(metadata) => {
            assert_eq!(metadata.issuer(), ISSUER, "metadata of somebody else");
            check(metadata);
        }
        Err(refused) => {
            assert!(!refused.entry().code.is_empty());
            assert!(refused.to_string().len() < LONGEST_MESSAGE);
        }
    }
    if let Ok(written) = Metadata::from_json(data) {
        assert_eq!(
            written.all().get("issuer").and_then(|name| name.as_str()),
            Some(written.issuer())
        );
        check(&written);
    }
    Outcome::of(fetched.is_ok())
}

fn check(metadata: &Metadata) {
    let all = [
        metadata.authorization_endpoint(),
        metadata.token_endpoint(),
        metadata.user_info_endpoint(),
        metadata.jwks_uri(),
        metadata.registration_endpoint(),
        metadata.end_session_endpoint(),
        metadata.introspection_endpoint(),
        metadata.revocation_endpoint(),
    ];
    for address in all.into_iter().flatten() {
        let safe = address.scheme() == "https"
            || (address.scheme() == "http"
                && (is_loopback(address) || metadata.issuer().starts_with("http:")));
        assert!(safe, "{address} would carry secrets in clear");
        assert!(address.username().is_empty() && address.password().is_none());
        assert!(address.fragment().is_none() && address.has_host());
    }
    assert!(metadata.asymmetric_algs().iter().all(|alg| !alg.is_mac()));
    if let Some(keys) = metadata.keys() {
        assert!(keys.keys().all(|key| key.algorithms().all(|alg| !alg.is_mac())));
    }
}

const LONGEST_MESSAGE: usize = 4096;
