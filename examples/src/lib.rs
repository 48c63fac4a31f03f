//! Example programs, one a face.
