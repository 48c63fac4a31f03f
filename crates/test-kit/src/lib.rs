//! Tokens for tests, without a network: good ones in a line, and ones that are broken in each way.
//!
//! An API that takes bearer tokens is tested with a [`TestIssuer`]. It has a key of its own, which
//! the API is handed instead of a provider's address, and it writes whatever token a test needs:
//!
//! ```
//! use countersign_test_kit::TestIssuer;
//!
//! let issuer = TestIssuer::new("https://issuer.test");
//! let token = issuer.token("alice").audience("api").scope("notes:read").role("editor").sign();
//! # assert_eq!(token.split('.').count(), 3);
//! ```
//!
//! That token is good for an hour from now. Here is the whole test of a route, with axum:
//!
//! ```
//! use axum::{Router, body::Body, http::Request, routing::get};
//! use countersign::outside::{NoNetwork, Outside};
//! use countersign::{Provider, Requirement, ResourceServer, TrustedIssuer};
//! use countersign_axum::{Api, Token};
//! use countersign_test_kit::{Broken, TestIssuer};
//! use tower::ServiceExt;
//!
//! // The application, which is handed its resource server.
//! fn app(server: ResourceServer) -> Router {
//!     let api = Api::new(countersign_web::Api::new(server));
//!     let readers = api.require(Requirement::new().scope("notes:read"));
//!     Router::new().route("/notes", get(async |_: Token| "buy milk").layer(readers))
//! }
//!
//! # let runtime = tokio::runtime::Builder::new_current_thread().build()?;
//! # runtime.block_on(async {
//! let issuer = TestIssuer::new("https://issuer.test");
//! let provider = Provider::with_keys(issuer.issuer(), issuer.keys());
//! let server = ResourceServer::builder(["api"])
//!     .issuer(TrustedIssuer::new(provider))
//!     .build(Outside::new(NoNetwork))?;
//! let app = app(server);
//! let status = async |token: &str| {
//!     let request = Request::get("/notes").header("authorization", format!("Bearer {token}"));
//!     app.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap().status()
//! };
//!
//! let good = issuer.token("alice").audience("api").scope("notes:read");
//! assert_eq!(status(&good.sign()).await, 200);
//! assert_eq!(status(&issuer.token("alice").audience("api").sign()).await, 403);
//!
//! // Nobody else's rules have to be known to write bad tokens.
//! for broken in Broken::ALL {
//!     let refused = status(&good.clone().broken(broken).sign()).await;
//!     assert!(broken == Broken::RolesOfWrongType || refused == 401, "{broken}: {refused}");
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`Broken`] names each way in which a token can be wrong, and the code with which a resource
//! server is to refuse it. (A route that asks for no role does not look at roles.)
//!
//! Tokens that are bound to a key of their bearer (DPoP, RFC 9449) come with the proofs that they
//! need, good and broken ones:
//!
//! ```
//! use countersign_test_kit::{DpopKey, TestIssuer};
//!
//! let issuer = TestIssuer::new("https://issuer.test");
//! let key = DpopKey::generate();
//! let token = issuer.token("alice").audience("api").bound_to(&key).sign();
//! let proof = key.proof("GET", "https://api.test/notes").for_token(&token).sign();
//! # assert_eq!(proof.split('.').count(), 3);
//! ```
//!
//! | To | take |
//! | --- | --- |
//! | hand the API its keys | [`TestIssuer::keys`], [`TestIssuer::jwks`], [`TestIssuer::metadata`] |
//! | write a token | [`TestIssuer::token`], then the methods of [`TestToken`] |
//! | break it | [`TestToken::broken`] with a [`Broken`], or any claim by hand |
//! | play the whole provider | [`TestIssuer::answer`], [`TestToken::opaque`], [`TestIssuer::revoke`] |
//! | change the keys under the API | [`TestIssuer::rotate`], [`TestIssuer::drop_old_keys`] |
//! | stop the time | [`TestIssuer::at`] |
//! | prove a key | [`DpopKey`], [`TestProof`], [`BrokenProof`] |
//!
//! It is for tests alone: what cannot be (an issuer that is no address) panics at once.

mod answer;
mod broken;
mod compact;
mod doors;
mod dpop;
mod forge;
mod issuer;
mod token;

pub use broken::Broken;
pub use countersign_jose::Algorithm;
pub use countersign_protocol::UnixTime;
pub use dpop::{BrokenProof, DpopKey, TestProof};
pub use issuer::TestIssuer;
pub use token::TestToken;
