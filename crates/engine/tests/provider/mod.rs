mod api;
mod at_hand;
mod keys;
mod known;
mod registered;
