mod back_channel;
mod begin;
mod builder;
mod complete;
mod kept;
mod logout;
mod quirks;
mod refresh;
