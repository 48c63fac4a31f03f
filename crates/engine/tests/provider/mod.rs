mod api;
mod keys;
mod known;
mod registered;
