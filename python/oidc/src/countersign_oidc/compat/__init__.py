"""Other libraries' calls, for applications that were written for them."""
