use countersign_protocol::jose::Algorithm;
use countersign_protocol::{Client, ClientAuthMethod, ClientAuthentication};

use crate::support::secret;

#[test]
fn every_method_is_read_back_by_its_registered_name() {
    for method in ClientAuthMethod::ALL {
        assert_eq!(method.name().parse::<ClientAuthMethod>(), Ok(method));
    }
    for wrong in ["", "CLIENT_SECRET_BASIC", "client_secret", "tls_client_auth"] {
        assert!(wrong.parse::<ClientAuthMethod>().is_err(), "{wrong}");
    }
}

#[test]
fn a_client_shows_no_secret() {
    let authentications = [
        ClientAuthentication::SecretBasic(secret("hush")),
        ClientAuthentication::SecretPost(secret("hush")),
        ClientAuthentication::SecretJwt(secret("hush"), Algorithm::Hs256),
    ];
    for authentication in authentications {
        let client = Client::new("web", authentication).signing_secret(secret("hush"));
        assert!(!format!("{client:?}").contains("hush"));
    }
}

#[test]
fn the_secret_that_authenticates_is_the_one_that_signs() {
    let client = Client::with_secret("web", secret("hush"));
    assert_eq!(client.secret().unwrap().expose(), "hush");
    assert!(Client::public("web").secret().is_none());
    assert!(client.expected_id_token_alg().is_none());
}
