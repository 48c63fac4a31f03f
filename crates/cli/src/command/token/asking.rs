//! Questions that a tool asks and no application: over the same door, within the same limits.

use std::time::Duration;

use countersign::Error;
use countersign::outside::{Limits, Transport};
use countersign::protocol::Exchange;

use crate::error::CommandError;
use crate::setting::network::NetworkArguments;

/// Asks, and lets the question judge its answer.
pub(super) async fn ask<E>(
    network: &NetworkArguments,
    exchange: E,
) -> Result<E::Answer, CommandError>
where
    E: Exchange,
    Error: From<E::Error>,
{
    let transport = network.transport()?;
    let request = exchange.request();
    let endpoint = request.endpoint();
    let sent = transport.send(request, LIMITS).await;
    let response = sent.map_err(|failure| CommandError::Unreachable { endpoint, failure })?;
    Ok(exchange.answer(response).map_err(Error::from)?)
}

/// As the engine has them.
pub(super) const LIMITS: Limits = Limits { time: Duration::from_secs(10), body: 1024 * 1024 };
