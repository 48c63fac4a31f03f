mod client_secrets;
mod exchange;
