"""What changes when an original is swapped for its drop-in: the one source of every table that says so.

The migration guides and the READMEs show these rows, and the doctor those that concern an application. They
are in the order in which somebody who swaps should read them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Difference:
    """One thing that is otherwise afterwards."""

    #: The import name.
    package: str
    name: str
    before: str
    after: str
    #: How to have it as before; "" where going back would be no good.
    switch: str = ""
    #: The releases that behaved as in ``before``; all when empty.
    generations: tuple[str, ...] = ()
    #: Settings and uses that it matters for (``countersign_oidc.doctor``); always when empty.
    when: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, str]:
        """For JSON."""
        return {
            "package": self.package,
            "name": self.name,
            "before": self.before,
            "after": self.after,
            "switch": self.switch,
        }


#: Import name: the original, and the drop-in.
NAMES = {
    "flask_pyoidc": ("Flask-pyoidc", "countersign-flask-pyoidc"),
    "flask_oidc": ("Flask-OIDC", "countersign-flask-oidc"),
    "flask_jwt_oidc": ("flask-jwt-oidc", "countersign-flask-jwt-oidc"),
    "oic": ("pyoidc", "countersign_oidc.compat.oic"),
}


def of(package: str) -> list[Difference]:
    """The rows of one package."""
    return [difference for difference in DIFFERENCES if difference.package == package]


def that_apply(package: str, generation: str, traits: Iterable[str]) -> list[Difference]:
    """The rows that concern an application of this generation with these settings and uses."""
    given = set(traits)
    return [
        difference
        for difference in of(package)
        if (not difference.generations or generation in difference.generations)
        and (not difference.when or given & set(difference.when))
    ]


def table(package: str) -> str:
    """The rows of one package as Markdown."""
    original, ours = NAMES[package]
    lines = [f"| | {original} | {ours} | Switch back |", "| --- | --- | --- | --- |"]
    for row in of(package):
        only = f" ({', '.join(row.generations)})" if row.generations else ""
        lines.append(f"| {row.name}{only} | {row.before} | {row.after} | {row.switch or 'none'} |")
    return "\n".join(lines)


def _pyoidc(
    name: str,
    before: str,
    after: str,
    switch: str = "",
    generations: tuple[str, ...] = (),
    when: tuple[str, ...] = (),
) -> Difference:
    return Difference("flask_pyoidc", name, before, after, switch, generations, when)


def _oidc(
    name: str,
    before: str,
    after: str,
    switch: str = "",
    generations: tuple[str, ...] = (),
    when: tuple[str, ...] = (),
) -> Difference:
    return Difference("flask_oidc", name, before, after, switch, generations, when)


def _jwt(
    name: str,
    before: str,
    after: str,
    switch: str = "",
    generations: tuple[str, ...] = (),
    when: tuple[str, ...] = (),
) -> Difference:
    return Difference("flask_jwt_oidc", name, before, after, switch, generations, when)


def _oic(name: str, before: str, after: str, switch: str = "") -> Difference:
    return Difference("oic", name, before, after, switch)


DIFFERENCES: tuple[Difference, ...] = (
    # Flask-pyoidc
    _pyoidc(
        "Python",
        "1.x and 2.x can't be imported on a current Python",
        "all three forms run on Python 3.9 and newer",
        generations=("1.x", "2.x"),
    ),
    _pyoidc(
        "Unsigned ID token, or one with an algorithm that the client is not registered for",
        "accepted when it comes from the token endpoint",
        "refused: the error view",
    ),
    _pyoidc("Token response without ID token", "the person is logged in", "refused: the error view"),
    _pyoidc(
        "ID token that is wrong, expired or for somebody else",
        "status 500",
        "the error view, or its fixed sentence",
    ),
    _pyoidc("Callback without `state` or `code`", "status 500", "the error view, or its fixed sentence"),
    _pyoidc(
        "Provider down at start",
        "the application does not start",
        "it starts; protected views answer 503 with `Retry-After`, and work when the provider is back",
        when=("discovery", "registers"),
    ),
    _pyoidc("Provider down during a login", "status 500", "503 with `Retry-After`"),
    _pyoidc(
        "PKCE",
        "never",
        "S256 where the provider's metadata announce it",
    ),
    _pyoidc(
        "Two tabs",
        "the first tab's login fails when a second one begins",
        "each one ends where it began",
    ),
    _pyoidc(
        "`OIDC_CLOCK_SKEW`",
        "counts when the code is exchanged only",
        "counts for every check of a time",
        when=("OIDC_CLOCK_SKEW",),
    ),
    _pyoidc(
        "`token_auth` without a good header",
        "401 without `WWW-Authenticate`; `bearer` in lower case is no good",
        "401 with `WWW-Authenticate`; the scheme in any case (RFC 9110 section 11.1)",
        when=("token_auth", "access_control"),
    ),
    _pyoidc(
        "Introspection answer without `aud`, header `Bearer` with nothing after it",
        "status 500",
        "403, 401",
        "`OIDC_TOKEN_MAY_LACK_AUDIENCE = True` lets the first one pass",
        when=("token_auth", "access_control"),
    ),
    _pyoidc(
        "Response types other than `code`",
        "implicit and hybrid, with the default path only",
        "refused at the first login: the code flow is safer and works everywhere",
        when=("response_type",),
    ),
    _pyoidc(
        "`VERIFY_SSL=false` in the environment",
        "read as the name of a file",
        "refused with a warning: certificates are always checked; name the file of your own authority "
        "instead",
        when=("VERIFY_SSL",),
    ),
    _pyoidc(
        "A silent login (`session_refresh_interval_seconds`) that needs the person",
        "the error view, again at each request",
        "a real login begins; where there is an error view it is shown once before",
        when=("session_refresh_interval_seconds",),
    ),
    _pyoidc(
        "Provider metadata written without `jwks_uri`",
        "signatures can't be checked",
        "the address is asked for by discovery; without one a login can't begin, and the log says why",
        when=("static",),
    ),
    _pyoidc(
        "Permanent sessions",
        "the cookie is signed and sent again with each answer",
        "when it is a minute old or has changed",
        "`OIDC_SESSION_COOKIE_EVERY_RESPONSE = True`",
    ),
    _pyoidc(
        "Below a path (`SCRIPT_NAME`)",
        "a login ends above it",
        "a login ends where it began; with `APPLICATION_ROOT` the redirect URI's route fits too",
    ),
    _pyoidc(
        "A form posted to the redirect URI",
        "the address as text, for a script",
        "a redirect",
    ),
    _pyoidc(
        "Secrets in `repr()` of the configuration",
        "shown",
        "masked",
    ),
    _pyoidc(
        "Memory",
        "grows with each login",
        "stays",
    ),
    # Flask-OIDC
    _oidc(
        "Python",
        "1.x can't be imported on a current Python",
        "both forms run on Python 3.9 and newer",
        generations=("1.x",),
    ),
    _oidc(
        "`accept_token(True, ['scope'])`, the form of 1.x",
        "2.x: requests without a token pass",
        "as in 1.x: a token with all these scopes is required",
        when=("accept_token",),
    ),
    _oidc(
        "`accept_token()` without arguments",
        "1.x: requests without a token pass",
        "a token is required, as in 2.x",
        "`accept_token(require_token=False)`",
        generations=("1.x",),
        when=("accept_token",),
    ),
    _oidc(
        "`logout()` called for its effect",
        "2.x: the person stays logged in",
        "the session ends at once; the redirect is given as well",
        when=("logout",),
    ),
    _oidc(
        "Signature and `nonce` of ID tokens",
        "1.x: not checked",
        "checked, as everything else in OpenID Connect Core 3.1.3.7",
        generations=("1.x",),
    ),
    _oidc("ID token that is wrong, expired or for somebody else", "status 500", "401", generations=("2.x",)),
    _oidc(
        "Token response without ID token, UserInfo of another subject",
        "accepted",
        "refused with 401",
        generations=("2.x",),
    ),
    _oidc(
        "Provider down",
        "status 500",
        "503 with `Retry-After`; works when the provider is back",
    ),
    _oidc(
        "`OIDC_CLOCK_SKEW`",
        "2.x: never read, 120 s are allowed for",
        "counts for every check of a time; 60 s by default",
        "`OIDC_CLOCK_SKEW = 120`",
        generations=("2.x",),
    ),
    _oidc("PKCE", "never", "S256 where the provider's metadata announce it"),
    _oidc("Two tabs", "both end where the later one began", "each one ends where it began"),
    _oidc(
        "Return address (`next`)",
        "compared by a pattern of characters",
        "read as a browser reads it: only paths of this application",
    ),
    _oidc(
        "Settings of 1.x: `OIDC_VALID_ISSUERS`, `OIDC_REQUIRE_VERIFIED_EMAIL`, `OIDC_GOOGLE_APPS_DOMAIN`, "
        "`OIDC_RESOURCE_CHECK_AUD`",
        "2.x: the application does not start",
        "honoured",
        when=(
            "OIDC_VALID_ISSUERS",
            "OIDC_REQUIRE_VERIFIED_EMAIL",
            "OIDC_GOOGLE_APPS_DOMAIN",
            "OIDC_RESOURCE_CHECK_AUD",
        ),
    ),
    _oidc(
        "Public views of somebody who is logged in",
        "the session is read and its expiry checked on each request",
        "nothing happens until the application asks for the user or a token",
    ),
    _oidc(
        "Cookie `oidc_id_token`",
        "1.x: holds the claims",
        "who is logged in stands in Flask's session: people log in once more",
        generations=("1.x",),
    ),
    _oidc(
        "A bad token where none is needed, `accept_token(False)`",
        "1.x: passes as nobody",
        "401",
        "send none",
        generations=("1.x",),
        when=("accept_token",),
    ),
    _oidc(
        "Redirect URI",
        "1.x: `/oidc_callback`",
        "`/authorize`, as in 2.x: register it with the provider",
        '`OIDC_CALLBACK_ROUTE = "/oidc_callback"`',
        generations=("1.x",),
        when=("default_callback",),
    ),
    _oidc(
        "Introspection",
        "one request to the provider per request to a view",
        "the same",
        "`OIDC_INTROSPECTION_CACHE` = seconds remembers answers; `OIDC_ACCESS_TOKEN_AUDIENCE` checks "
        "signed tokens without asking",
        when=("accept_token",),
    ),
    # flask-jwt-oidc
    _jwt(
        "Keys",
        "fetched once per request unless `JWT_OIDC_CACHING_ENABLED`",
        "always kept, and fetched again when they are `JWT_OIDC_JWKS_CACHE_TIMEOUT` seconds old (300 at "
        "least) or "
        "when a token names a new one, within a budget: tokens with invented `kid`s cause no flood",
    ),
    _jwt(
        "Provider down at start",
        "`init_app` fails",
        "the application starts; protected views answer 503 with `Retry-After` and work when the provider "
        "is back",
        when=("JWT_OIDC_WELL_KNOWN_CONFIG",),
    ),
    _jwt(
        "Provider down later",
        "500 for all after one unknown `kid`",
        "tokens of known keys go on to pass; an unknown key gets 503",
    ),
    _jwt("Clock", "no tolerance", "none either", "`JWT_OIDC_CLOCK_SKEW` = seconds, to be more tolerant"),
    _jwt(
        "Token without `exp`",
        "passes, for ever",
        "401 `invalid_claims`; `create_jwt` writes an `exp` of one hour where a test gives none",
    ),
    _jwt(
        "ID token sent as access token",
        "passes",
        "401 `invalid_header` when it shows that it is one (`typ`, `nonce`, `at_hash`, …): send the access "
        "token",
    ),
    _jwt(
        "`JWT_OIDC_AUDIENCE` not set",
        "0.7: any audience passes; 0.8 and 0.9: a token that names one is refused",
        "as 0.9",
        "`JWT_OIDC_SKIP_AUDIENCE = True`: any audience, as 0.7. Tokens made for other applications then pass",
        when=("no_audience",),
    ),
    _jwt(
        "`JWT_OIDC_JWKS_URI` without `JWT_OIDC_ISSUER`",
        "any issuer passes",
        "500, and the log names the setting: set `JWT_OIDC_ISSUER`",
        when=("JWT_OIDC_JWKS_URI",),
    ),
    _jwt(
        "401",
        "without challenge",
        "with `WWW-Authenticate` (RFC 9110)",
        "an own `JWT_OIDC_AUTH_ERROR_HANDLER`",
    ),
    _jwt("Header of blanks, token without `alg`", "500", "401 `invalid_header`"),
    _jwt(
        'A text as roles, `validate_roles("editor")`',
        "letter by letter",
        "one role",
        when=("requires_roles", "has_one_of_roles", "validate_roles", "contains_role"),
    ),
    _jwt(
        "`contains_role` and `validate_roles` in a view without decorator",
        "0.7 reads the header unchecked, 0.9 fails",
        "the token of the header is checked first: 401 if it is no good",
        when=("validate_roles", "contains_role"),
    ),
    _jwt(
        "Order of arguments",
        "`(roles)`, `(claims, roles)` and `(roles, claims)`, depending on the release",
        "all three",
        when=("validate_roles", "contains_role"),
    ),
    _jwt(
        "How the provider is asked",
        "by `urllib`, with the proxies of the environment, without a timeout",
        "by the engine's own transport, without proxies; a replaced `flask_jwt_oidc.jwt_manager.urlopen` "
        "goes before it",
        '`COUNTERSIGN_TRANSPORT = "requests"` (a setting or an environment variable): proxies and '
        "`REQUESTS_CA_BUNDLE`",
    ),
    _jwt("Redirects of the key and metadata addresses", "followed", "refused: set the address itself"),
    _jwt("Keys below 2,048 bits", "accepted", "only with `JWT_OIDC_TEST_MODE`"),
    _jwt("`get_rsa_key`", "0.7: a dictionary; 0.9: an object of PyJWT", "a dictionary (JWK)"),
    _jwt("Secrets in the debug log", "written", "never"),
    # The slice of pyoidc
    _oic(
        "Unsigned ID token (`alg` none)", "accepted, without a look at the keys", "refused with `PyoidcError`"
    ),
    _oic("`azp`, `iat`, `at_hash` of the ID token, `sub` of UserInfo", "in part", "all of them are compared"),
    _oic(
        "`nonce`",
        "not compared",
        "compared when it is handed to `do_access_token_request(nonce=…)`, which the original does not take",
        "leave it out",
    ),
    _oic(
        "What an error is",
        "exceptions of pyoidc and of pyjwkest",
        "`PyoidcError` with the engine's `code`; the provider's own refusals stay error responses",
    ),
    _oic(
        "How the provider is asked",
        "by `requests`",
        "by the engine's own transport",
        "the environment variable `COUNTERSIGN_TRANSPORT=requests`, or `Client(transport=…)`",
    ),
    _oic(
        "Tokens between two calls",
        "in the client object, for ever",
        "in the client object, for this thread, ten minutes and 100 states at most",
    ),
    _oic(
        "What is there",
        "the whole of pyoidc",
        "`rndstr`, `Client` with its four calls, the responses, `ClientSecretBasic` and `ClientSecretPost`",
    ),
)
