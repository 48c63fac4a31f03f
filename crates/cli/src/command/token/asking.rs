//! A question that only the development provider answers, over the same door and within the same
//! limits as all others.

use std::time::Duration;

use countersign::outside::Limits;

/// As the engine has them.
pub(super) const LIMITS: Limits = Limits { time: Duration::from_secs(10), body: 1024 * 1024 };
