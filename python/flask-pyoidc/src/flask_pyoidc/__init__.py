"""Flask-pyoidc's names over the engine of countersign.

An application that was written for Flask-pyoidc 1.x, 2.x or 3.x keeps its imports, its settings and its
logged-in users.
"""

from countersign_oidc._common.conflict import refuse_original

refuse_original("flask_pyoidc", "Flask-pyoidc")

from flask_pyoidc.flask_pyoidc import OIDCAuthentication  # noqa: E402

__all__ = ["OIDCAuthentication"]
