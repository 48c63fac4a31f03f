mod certificate;
mod credentials;
mod dpop;
