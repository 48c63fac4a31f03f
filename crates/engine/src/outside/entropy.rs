//! The door to randomness.

/// Draws random bytes.
pub trait Entropy: Send + Sync {
    /// Fills the buffer.
    ///
    /// # Errors
    /// [`EntropyError`] when there is none; the operation that asked then fails.
    fn fill(&self, buffer: &mut [u8]) -> Result<(), EntropyError>;
}

/// No randomness.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no randomness: {why}")]
#[non_exhaustive]
pub struct EntropyError {
    /// What the system says.
    pub why: String,
}

impl EntropyError {
    /// For generators of the application's own.
    #[must_use]
    pub fn new(why: impl Into<String>) -> Self {
        Self { why: why.into() }
    }
}

/// The operating system's generator.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "it has no state")]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    #[expect(clippy::disallowed_methods, reason = "this is the door")]
    fn fill(&self, buffer: &mut [u8]) -> Result<(), EntropyError> {
        getrandom::fill(buffer).map_err(|error| EntropyError::new(error.to_string()))
    }
}
