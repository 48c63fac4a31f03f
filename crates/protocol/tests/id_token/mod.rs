mod claims;
mod hashes;
mod rules;
mod signature;
mod times;
