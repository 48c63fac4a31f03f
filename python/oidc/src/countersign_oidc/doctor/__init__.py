"""``python -m countersign_oidc.doctor module:app``: what a Flask application's configuration lacks, and what
changes when its OpenID Connect extension is swapped for the drop-in of the same name.

It runs before the swap and after it. The extension itself is replaced by a stand-in while the application
is imported, so neither the original nor the drop-in has to start, and no provider is asked. Nothing here
prints a secret: addresses are shown without user names and queries, and of keys and secrets only whether
they are there.
"""

from __future__ import annotations
