mod back_channel;
mod begin;
mod builder;
mod complete;
mod logout;
mod refresh;
