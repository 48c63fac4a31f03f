//! The network door of countersign: [hyper](https://hyper.rs) over rustls.
//!
//! ```no_run
//! use countersign::outside::Outside;
//! use countersign_transport::HyperTransport;
//!
//! let outside = Outside::new(HyperTransport::new()?);
//! # Ok::<(), countersign_transport::TransportError>(())
//! ```
//!
//! It needs a tokio runtime around it. It follows no redirect and decompresses nothing, keeps
//! connections for the next request, and holds every answer to the limits that come with the
//! request.

mod client;
mod error;
mod trust;

pub use client::HyperTransport;
pub use error::TransportError;
pub use trust::TrustAnchors;
