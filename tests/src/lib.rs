//! Stories, vectors and peers: the tests that stand above one crate.
