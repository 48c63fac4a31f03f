mod nonce;
mod replay;
