"""``oidc-register``: register this application with a provider and write ``client_secrets.json``."""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from countersign_oidc.errors import Error

from flask_oidc.discovery import discover_OP_information
from flask_oidc.registration import RegistrationError, check_redirect_uris, register_client

#: By whose fault it is. 2 is argparse's own for a wrong command line.
EXIT = {"person": 2, "provider": 3, "network": 4, "setup": 5, "bug": 1}

CALLBACK = "/authorize"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit code says by whose fault it failed."""
    given = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.DEBUG if given.debug else logging.WARNING)
    output = Path(given.output_file)
    if output.exists():
        return _failed(
            f"{output} is there already, and is not overwritten: move it away, or name another file "
            "by --output-file",
            "person",
        )
    redirect_uri = redirect_uri_of(given.application_url)
    try:
        check_redirect_uris([redirect_uri])
        provider = discover_OP_information(given.provider_url)
        if not provider.get("registration_endpoint"):
            return _failed(
                f"{given.provider_url} doesn't offer dynamic registration: register by hand", "provider"
            )
        secrets = register_client(provider, [redirect_uri])
    except RegistrationError as error:
        return _failed(f"the provider refused the registration: {error}", "provider")
    except Error as error:
        return _failed(str(error), error.fault)
    except ValueError as error:
        return _failed(str(error), "person")
    if given.token_introspection_uri:
        next(iter(secrets.values()))["token_introspection_uri"] = given.token_introspection_uri
    try:
        _write(output, json.dumps(secrets, indent=4) + "\n")
    except OSError as error:
        return _failed(f"registered, but {output} can't be written: {error.strerror}", "setup")
    print(f"{output} is written. The redirect URI is {redirect_uri}")
    return 0


def redirect_uri_of(application_url: str) -> str:
    """The callback address: that of the application itself means its ``/authorize``."""
    parts = urlsplit(application_url)
    if parts.path not in ("", "/"):
        return application_url
    return urlunsplit(parts._replace(path=CALLBACK))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="oidc-register",
        description="Register an application with an OpenID Connect provider and write client_secrets.json.",
        epilog="Exit codes: 2 the command line, 3 the provider refused, 4 it can't be reached, 5 a setting.",
    )
    parser.add_argument("provider_url", help="the provider's issuer, such as https://op.example.com/")
    parser.add_argument(
        "application_url",
        help=f"the callback address, https://app.example.com{CALLBACK}; without a path it gets {CALLBACK}",
    )
    parser.add_argument("--token-introspection-uri", help="where the provider says what a token is about")
    parser.add_argument("--output-file", default="client_secrets.json", help="default: %(default)s")
    parser.add_argument("--debug", action="store_true", help="log what is asked and answered")
    return parser


def _write(output: Path, text: str) -> None:
    """Never over another file, and readable by its owner alone: it holds a secret."""
    descriptor = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)


def _failed(why: str, fault: str) -> int:
    print(f"oidc-register: {why}", file=sys.stderr)
    return EXIT[fault]


if __name__ == "__main__":
    sys.exit(main())
