mod client_auth;
mod client_credentials;
mod exchange;
mod introspect;
mod received;
mod refresh;
mod revoke;
