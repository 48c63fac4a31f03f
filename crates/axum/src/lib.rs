//! OpenID Connect login for axum applications.
