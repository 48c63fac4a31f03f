"""The resource server: ``accept_token`` and what it is made of, by the names of Authlib."""
