//! A development OpenID Provider, in memory, with a login page and mischief on demand.
