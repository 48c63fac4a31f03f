//! The network door of countersign: [hyper](https://hyper.rs) over rustls, and
//! [ureq](https://docs.rs/ureq) for hosts without a runtime (feature `blocking`).
//!
//! ```no_run
//! use countersign::outside::Outside;
//! use countersign_transport::HyperTransport;
//!
//! let outside = Outside::new(HyperTransport::new()?);
//! # Ok::<(), countersign_transport::TransportError>(())
//! ```
//!
//! `HyperTransport` needs a tokio runtime around it. Both follow no redirect and decompress nothing,
//! keep connections for the next request, and hold every answer to the limits that come with the
//! request.

#[cfg(feature = "blocking")]
mod blocking;
#[cfg(feature = "hyper")]
mod client;
mod error;
#[cfg(any(feature = "blocking", feature = "hyper"))]
mod failure;
#[cfg(feature = "blocking")]
mod lookup;
mod trust;

#[cfg(feature = "blocking")]
pub use blocking::BlockingTransport;
#[cfg(feature = "hyper")]
pub use client::HyperTransport;
pub use error::TransportError;
pub use trust::TrustAnchors;
