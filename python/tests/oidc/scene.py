"""What the tests of the base package stand on."""

from __future__ import annotations

from countersign_oidc import Client, Provider, RelyingParty, ResourceServer, TrustedIssuer

CALLBACK = "https://app.example/callback"


def relying_party(provider, **settings):
    return RelyingParty(
        Provider.discover(provider.issuer),
        Client(provider.client_id, provider.client_secret),
        settings.pop("redirect_uri", CALLBACK),
        **{"transport": provider.transport, **settings},
    )


def resource_server(provider, **settings):
    issuer = TrustedIssuer(Provider.discover(provider.issuer), **settings.pop("issuer", {}))
    return ResourceServer([provider.client_id], [issuer], **{"transport": provider.transport, **settings})


def query(url):
    return url.partition("?")[2]
