mod fetch;
mod keys;
mod metadata;
