mod client_auth;
mod received;
mod refresh;
