//! The network door of countersign: hyper over rustls.
