mod back_channel;
mod rp_initiated;
