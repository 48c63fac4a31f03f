mod certificate;
mod dpop;
