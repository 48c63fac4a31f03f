mod client;
mod issuer;
mod random;
mod return_to;
mod secret;
mod time;
