//! Signed bytes in, checked bytes out: JWS and key sets.
