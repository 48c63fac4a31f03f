//! What OAuth 2.0 and OpenID Connect say: messages, rules, exchanges.
