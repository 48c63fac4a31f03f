//! What browsers need, without a framework: cookies, sessions, endpoints, replies.
