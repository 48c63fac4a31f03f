//! Tokens that only their issuer can judge (RFC 7662).

use countersign_protocol::UnixTime;

use super::token::Token;
use super::{CheckError, ResourceServer};
use crate::error::Error;

#[derive(Default)]
pub(super) struct Introspected {}

impl ResourceServer {
    pub(super) fn introspected(
        &self,
        _at: usize,
        _raw: &str,
        _now: UnixTime,
    ) -> Option<Result<Token, CheckError>> {
        None
    }

    pub(super) fn confirmed(
        &self,
        token: Token,
        _now: UnixTime,
    ) -> Option<Result<Token, CheckError>> {
        Some(Ok(token))
    }

    pub(super) fn also_asks(&self, _at: usize) -> bool {
        false
    }

    pub(super) async fn introspect(
        &self,
        _at: usize,
        _raw: &str,
        _now: UnixTime,
    ) -> Result<Token, CheckError> {
        Err(Error::setup("introspection is still to come").into())
    }
}
