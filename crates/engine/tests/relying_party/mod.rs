mod begin;
mod builder;
mod complete;
mod logout;
mod refresh;
