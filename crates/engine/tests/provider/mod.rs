mod keys;
mod known;
mod registered;
