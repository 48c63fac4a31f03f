//! The secrets from which cookies are sealed, newest first.

use std::fmt;
use std::sync::Arc;

use countersign_jose::SealingKey;
use zeroize::Zeroizing;

/// Master secrets in order: the first seals, all of them open.
///
/// To rotate, put the new secret in front and keep the old one until the sessions that it sealed
/// have ended; cookies are sealed again with the first one when they are next written.
/// Each kind of cookie has keys of its own, so that a value sealed for one purpose never opens for
/// another.
///
/// ```
/// use countersign_web::KeyRing;
///
/// let ring = KeyRing::parse("a-new-secret-of-at-least-32-characters\nthe-secret-that-was-used-until-now-x\n")?;
/// assert_eq!(ring.len(), 2);
/// assert!(KeyRing::parse("too short").is_err());
/// # Ok::<(), countersign_web::KeyRingError>(())
/// ```
#[derive(Clone)]
pub struct KeyRing(Arc<[Keys]>);

impl KeyRing {
    /// Takes secrets in order, the one that seals first.
    ///
    /// # Errors
    /// [`KeyRingError`] when there is none, one is shorter than 32 bytes, or one comes twice.
    pub fn from_secrets<S: AsRef<[u8]>>(
        secrets: impl IntoIterator<Item = S>,
    ) -> Result<Self, KeyRingError> {
        let mut ring: Vec<Keys> = Vec::new();
        for (index, secret) in secrets.into_iter().enumerate() {
            let secret = secret.as_ref();
            if secret.len() < SHORTEST {
                return Err(KeyRingError::TooShort { position: index + 1, bytes: secret.len() });
            }
            let keys = Keys::derive(secret);
            if ring.iter().any(|other| other.id() == keys.id()) {
                return Err(KeyRingError::Twice { position: index + 1 });
            }
            ring.push(keys);
        }
        if ring.is_empty() {
            return Err(KeyRingError::Empty);
        }
        Ok(Self(ring.into()))
    }

    /// Reads a file's text: one secret a line, the one that seals first. Empty lines and lines
    /// that begin with `#` are skipped.
    ///
    /// # Errors
    /// As [`KeyRing::from_secrets`].
    pub fn parse(text: &str) -> Result<Self, KeyRingError> {
        Self::from_secrets(
            text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')),
        )
    }

    /// A ring of one secret that nobody has chosen. Sessions sealed with it end when the process
    /// does, and no second process opens them.
    #[must_use]
    pub fn random(entropy: [u8; 32]) -> Self {
        let entropy = Zeroizing::new(entropy);
        Self(Arc::new([Keys::derive(entropy.as_slice())]))
    }

    /// How many secrets the ring holds; at least one.
    #[expect(clippy::len_without_is_empty, reason = "a ring is never empty")]
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn seal(
        &self,
        purpose: Purpose,
        salt: [u8; SALT],
        associated: &[u8],
        plain: &[u8],
    ) -> Vec<u8> {
        let mut sealed = Vec::with_capacity(plain.len() + OVERHEAD);
        if let Some(first) = self.0.first() {
            let key = first.of(purpose);
            sealed.extend_from_slice(&key.id());
            sealed.extend_from_slice(&key.seal(salt, associated, plain));
        }
        sealed
    }

    pub(crate) fn open(
        &self,
        purpose: Purpose,
        associated: &[u8],
        sealed: &[u8],
    ) -> Option<Zeroizing<Vec<u8>>> {
        let (id, sealed) = sealed.split_at_checked(ID)?;
        self.0
            .iter()
            .map(|keys| keys.of(purpose))
            .filter(|key| key.id() == id)
            .find_map(|key| key.open(associated, sealed))
            .map(Zeroizing::new)
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyRing({} secrets)", self.len())
    }
}

/// What a sealed value is for. Nothing sealed for one opens for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Session,
    Login,
    Trail,
    Logout,
}

impl Purpose {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Login => "login",
            Self::Trail => "trail",
            Self::Logout => "logout",
        }
    }
}

/// Why secrets make no key ring.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyRingError {
    /// No secret at all.
    #[error("setup.key_ring: at least one cookie secret is needed, got none")]
    Empty,
    /// A secret that can be guessed.
    #[error(
        "setup.key_ring: cookie secret number {position} has {bytes} bytes; at least {SHORTEST} are needed"
    )]
    TooShort {
        /// Which secret, counted from 1.
        position: usize,
        /// Its length.
        bytes: usize,
    },
    /// The same secret again.
    #[error("setup.key_ring: cookie secret number {position} repeats an earlier one")]
    Twice {
        /// Which secret, counted from 1.
        position: usize,
    },
}

impl KeyRingError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        "setup.key_ring"
    }
}

/// The keys of one master secret.
struct Keys {
    session: SealingKey,
    login: SealingKey,
    trail: SealingKey,
    logout: SealingKey,
}

impl Keys {
    fn derive(secret: &[u8]) -> Self {
        let key = |purpose: Purpose| {
            SealingKey::derive(secret, &format!("countersign cookie {}", purpose.name()))
        };
        Self {
            session: key(Purpose::Session),
            login: key(Purpose::Login),
            trail: key(Purpose::Trail),
            logout: key(Purpose::Logout),
        }
    }

    fn id(&self) -> [u8; ID] {
        self.session.id()
    }

    const fn of(&self, purpose: Purpose) -> &SealingKey {
        match purpose {
            Purpose::Session => &self.session,
            Purpose::Login => &self.login,
            Purpose::Trail => &self.trail,
            Purpose::Logout => &self.logout,
        }
    }
}

/// Bytes of randomness that each sealed value needs.
pub(crate) const SALT: usize = 24;
const ID: usize = 4;
/// Bytes that sealing adds: key id, salt, tag.
pub(crate) const OVERHEAD: usize = ID + SALT + 16;
const SHORTEST: usize = 32;
