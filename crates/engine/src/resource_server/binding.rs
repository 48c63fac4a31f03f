//! To what a token is bound besides its bearer.

use std::sync::Arc;

use countersign_protocol::UnixTime;
use countersign_protocol::access_token::Confirmation;
use countersign_protocol::bearer::certificate::matches_certificate;
use countersign_protocol::bearer::dpop::{DpopError, DpopRules, UncheckedProof};
use countersign_protocol::bearer::{ConfirmationFault, Refusal, Scheme};
use countersign_protocol::jose::Allowed;

use super::CheckError;
use super::nonce::ServerNonces;
use super::presented::Presented;
use super::replay::ReplayMemory;
use super::token::Token;
use crate::error::Error;
use crate::outside::Outside;

/// How tokens are accepted that are bound to a DPoP key (RFC 9449).
#[derive(Clone, Debug)]
pub struct Dpop {
    allowed: Allowed,
    nonces: bool,
    memory: Arc<ReplayMemory>,
}

impl Dpop {
    /// Every asymmetric algorithm, proofs of at most a minute, each taken once.
    #[must_use]
    pub fn new() -> Self {
        Self { allowed: Allowed::asymmetric(), nonces: false, memory: Arc::default() }
    }

    /// The algorithms that may sign proofs.
    #[must_use]
    pub fn algorithms(mut self, allowed: Allowed) -> Self {
        self.allowed = allowed;
        self
    }

    /// Demands a nonce of this server in every proof (section 9): then no proof can be made ahead
    /// of time, nor used at another process.
    #[must_use]
    pub fn nonces(mut self) -> Self {
        self.nonces = true;
        self
    }

    /// A memory of another size, or one shared by several APIs.
    #[must_use]
    pub fn memory(mut self, memory: Arc<ReplayMemory>) -> Self {
        self.memory = memory;
        self
    }
}

impl Default for Dpop {
    fn default() -> Self {
        Self::new()
    }
}

/// What bound tokens are held to.
pub(super) struct Bindings {
    dpop: Option<Dpop>,
    nonces: Option<ServerNonces>,
}

impl Bindings {
    pub(super) fn new(dpop: Option<Dpop>, outside: &Outside) -> Result<Self, Error> {
        let demanded = dpop.as_ref().is_some_and(|dpop| dpop.nonces);
        let nonces = if demanded { Some(ServerNonces::new(&outside.random()?)) } else { None };
        Ok(Self { dpop, nonces })
    }

    pub(super) fn allowed(&self) -> Option<&Allowed> {
        self.dpop.as_ref().map(|dpop| &dpop.allowed)
    }

    pub(super) fn nonce(&self, outside: &Outside) -> Result<Option<String>, Error> {
        let Some(nonces) = &self.nonces else { return Ok(None) };
        Ok(Some(nonces.issue(outside.now(), outside.random()?)))
    }

    /// Whether the token may be used by whoever sent it. One that is bound never passes as a plain
    /// bearer token (RFC 9449 section 7.2, RFC 8705 section 3).
    pub(super) fn hold(
        &self,
        token: &Token,
        presented: &Presented<'_>,
        now: UnixTime,
    ) -> Result<(), CheckError> {
        let fault = |fault| Err(Refusal::Confirmation(fault).into());
        // Most tokens are not bound, and their claims need not be looked at for that.
        let confirmation =
            if token.is_bound() { token.access_token().confirmation() } else { None };
        match (confirmation, presented.credentials.scheme()) {
            (None, Scheme::Bearer) => Ok(()),
            (None, _) => fault(ConfirmationFault::NotBound),
            (Some(Confirmation::Jkt(jkt)), Scheme::Dpop) => self.proven(token, jkt, presented, now),
            (Some(Confirmation::Jkt(_)), _) => fault(ConfirmationFault::NeedsDpop),
            (Some(Confirmation::X5tS256(digest)), Scheme::Bearer) => match presented.certificate {
                Some(der) if matches_certificate(der, digest) => Ok(()),
                _ => fault(ConfirmationFault::Certificate),
            },
            (Some(Confirmation::X5tS256(_)), _) => fault(ConfirmationFault::NotBound),
            (Some(_), _) => fault(ConfirmationFault::Unknown),
        }
    }

    fn proven(
        &self,
        token: &Token,
        jkt: &str,
        presented: &Presented<'_>,
        now: UnixTime,
    ) -> Result<(), CheckError> {
        let refused = |error: DpopError| CheckError::from(Refusal::from(error));
        let Some(dpop) = &self.dpop else {
            return Err(Refusal::Confirmation(ConfirmationFault::DpopIsOff).into());
        };
        let Some((method, url)) = presented.request else {
            return Err(Error::setup(
                "the face does not say which request a DPoP-bound token came with: Presented::request",
            )
            .into());
        };
        let proof = match presented.headers {
            Some(headers) => UncheckedProof::read(headers).map_err(refused)?,
            None => None,
        };
        let proof = proof.ok_or_else(|| refused(DpopError::Missing))?;
        let mut rules = DpopRules::new(method.as_str(), url, token.text(), jkt);
        rules.allowed = dpop.allowed;
        let is_ours = |nonce: &str| self.nonces.as_ref().is_some_and(|own| own.accepts(nonce, now));
        if self.nonces.is_some() {
            rules.nonce = Some(&is_ours);
        }
        let proof = proof.verify(&rules, now).map_err(refused)?;
        let until = proof.usable_until();
        let first = dpop.memory.first_time(proof.thumbprint(), proof.jti(), until, now);
        first.map_err(refused)
    }
}
