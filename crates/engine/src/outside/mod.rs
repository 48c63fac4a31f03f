//! The three doors: network, time, randomness. Nothing else reaches the world.

mod clock;
mod entropy;
mod transport;

use std::fmt;
use std::sync::Arc;

pub use clock::{Clock, SystemClock};
pub use entropy::{Entropy, EntropyError, SystemEntropy};
pub use transport::{BoxFuture, Failure, Limits, NoNetwork, Transport};

use crate::{Error, UnixTime};

/// The world as an engine sees it. Cheap to clone.
#[derive(Clone)]
pub struct Outside {
    transport: Arc<dyn Transport>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

impl Outside {
    /// This transport, the system's clock and the system's randomness.
    #[must_use]
    pub fn new(transport: impl Transport + 'static) -> Self {
        Self {
            transport: Arc::new(transport),
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy),
        }
    }

    /// Another clock, such as one that a test sets by hand.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Another source of randomness, such as a seed that makes addresses repeatable in tests.
    #[must_use]
    pub fn entropy(mut self, entropy: impl Entropy + 'static) -> Self {
        self.entropy = Arc::new(entropy);
        self
    }

    /// The time. Read once at the entrance of an operation, then handed down.
    #[must_use]
    pub fn now(&self) -> UnixTime {
        self.clock.now()
    }

    /// Fresh random bytes.
    ///
    /// # Errors
    /// [`Error`] with the code `bug.entropy` when the system has none.
    pub fn random<const N: usize>(&self) -> Result<[u8; N], Error> {
        let mut bytes = [0; N];
        self.entropy.fill(&mut bytes)?;
        Ok(bytes)
    }

    pub(crate) fn transport(&self) -> &dyn Transport {
        self.transport.as_ref()
    }
}

impl fmt::Debug for Outside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Outside")
    }
}
