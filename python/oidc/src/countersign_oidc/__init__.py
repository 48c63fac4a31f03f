"""OpenID Connect for Python: logins, bearer tokens and calls onward.

Everything that decides is compiled: :mod:`countersign_oidc._native`. Frameworks have faces of their own,
such as :mod:`countersign_oidc.flask`.
"""

from countersign_oidc._native import (
    Client,
    Introspection,
    PendingLogin,
    Provider,
    Registration,
    RelyingParty,
    Request,
    Requirement,
    ResourceServer,
    Session,
    Token,
    TokenClient,
    TrustedIssuer,
    __version__,
    discover,
    register,
)
from countersign_oidc.errors import (
    Error,
    LoginRefused,
    NetworkError,
    ProviderError,
    SetupError,
    TokenRefused,
    TransportFailure,
)
from countersign_oidc.transport import RequestsTransport

__all__ = [
    "Client",
    "Error",
    "Introspection",
    "LoginRefused",
    "NetworkError",
    "PendingLogin",
    "Provider",
    "ProviderError",
    "Registration",
    "RelyingParty",
    "Request",
    "RequestsTransport",
    "Requirement",
    "ResourceServer",
    "Session",
    "SetupError",
    "Token",
    "TokenClient",
    "TokenRefused",
    "TransportFailure",
    "TrustedIssuer",
    "__version__",
    "discover",
    "register",
]
