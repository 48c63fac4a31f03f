//! One file for each of `src/`. Values of the RFCs and of other implementations are in `vectors/`.

mod algorithm;
mod backend;
mod base64url;
mod compact;
mod danger;
mod digest;
mod header;
mod header_cache;
mod json;
mod key;
mod keyset;
mod pem;
mod print;
mod proof;
mod seal;
mod sign;
mod support;
mod thumbprint;
mod verify;
