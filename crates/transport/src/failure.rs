//! What errors of clients mean.

use std::error::Error;
use std::io;

/// TLS errors travel inside those of the system, one in another, and these name the cause of what
/// they hold as their own.
pub(crate) fn is_tls(error: &(dyn Error + 'static)) -> bool {
    let mut error = error;
    while let Some(held) = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        error = held;
    }
    error.is::<rustls::Error>()
}

/// Whether there was no connection at all.
#[cfg(feature = "blocking")]
pub(crate) fn is_unreachable(error: &io::Error) -> bool {
    use io::ErrorKind::{
        AddrNotAvailable, ConnectionRefused, HostUnreachable, NetworkUnreachable, NotFound,
        PermissionDenied,
    };
    matches!(
        error.kind(),
        AddrNotAvailable
            | ConnectionRefused
            | HostUnreachable
            | NetworkUnreachable
            | NotFound
            | PermissionDenied
    )
}

/// The innermost cause says most: `connection refused`, not `client error`.
pub(crate) fn innermost(error: &(dyn Error + 'static)) -> String {
    let mut innermost = error;
    while let Some(inner) = innermost.source() {
        innermost = inner;
    }
    innermost.to_string()
}
