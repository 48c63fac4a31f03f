//! What weakens the site. Everything here deserves a second look in a review.

use crate::address::{AddressError, PublicAddress};

/// A public address with plain http on a host that is not this machine.
///
/// Cookies then travel in clear and lack `Secure` and the `__Host-` prefix: everybody on the way
/// can take over sessions. For closed test networks only; a warning is logged.
///
/// # Errors
/// As [`PublicAddress::new`], but for the scheme.
pub fn plain_http_address(url: &str) -> Result<PublicAddress, AddressError> {
    let address = PublicAddress::plain_http(url)?;
    tracing::warn!(url, "danger: the public address is plain http; cookies travel in clear");
    Ok(address)
}
