"""Which way requests go to the provider.

The login drop-ins send them through ``requests`` as the packages did that they replace: the application's
session, its proxies, its ``REQUESTS_CA_BUNDLE`` and its tests with ``responses`` keep working.
``COUNTERSIGN_TRANSPORT = "native"`` (a setting, or the environment variable of that name, which goes first)
sends them by the engine's own transport: less work per request, the system's trust anchors, no proxies.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from countersign_oidc._common import settings

if TYPE_CHECKING:
    import requests

    from countersign_oidc._native import Transport

SETTING = "COUNTERSIGN_TRANSPORT"


def chosen(
    config: Mapping[str, Any], *, default: str = "requests", session: requests.Session | None = None
) -> Transport | None:
    """The transport for the engine: None is its own. ``session`` is the application's, for ``requests``."""
    if settings.switch(config, SETTING, ("requests", "native"), default) == "native":
        return None
    from countersign_oidc.transport import RequestsTransport

    return RequestsTransport(session)
