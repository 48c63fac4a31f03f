//! OpenID Connect login and token checks for any web application.
