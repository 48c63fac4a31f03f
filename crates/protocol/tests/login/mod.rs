mod callback;
mod options;
mod pending;
mod request;
