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
//! That token is good for an hour from now. Nobody else's rules need to be known to write a bad
//! one: [`Broken`] names each way in which a token can be wrong, and with which code a resource
//! server is to refuse it. One loop tries them all:
//!
//! ```
//! use countersign_test_kit::{Broken, TestIssuer};
//!
//! # struct Refused(&'static str);
//! # fn my_api(_: &str) -> Refused { Refused("") }
//! let issuer = TestIssuer::new("https://issuer.test");
//! for broken in Broken::ALL {
//!     let token = issuer.token("alice").audience("api").broken(broken).sign();
//!     let Refused(code) = my_api(&token);
//! #   let code = broken.code();
//!     assert_eq!(code, broken.code(), "{broken}");
//! }
//! ```
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
//! | change the keys under the API | [`TestIssuer::rotate`], [`TestIssuer::drop_old_keys`] |
//! | stop the time | [`TestIssuer::at`] |
//! | prove a key | [`DpopKey`], [`TestProof`], [`BrokenProof`] |
//!
//! It is for tests alone: what cannot be (an issuer that is no address) panics at once.

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
