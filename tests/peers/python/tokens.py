"""PyPI's joserfc as a maker and as a judge of tokens.

    python tokens.py mint      prints tokens, good ones and each kind of bad ones, a JSON line for each
    python tokens.py verify    reads lines {token, jwk | secret} and prints for each what the token says, or why not

The lines are those of tokens.mjs, its neighbour in Node.
"""

import json
import secrets
import sys
import time
import warnings
from base64 import urlsafe_b64decode, urlsafe_b64encode

from joserfc import jwe, jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, OctKey, OKPKey, RSAKey, import_key
from joserfc.registry import HeaderParameter

# The library warns of what it makes here on purpose.
warnings.simplefilter("ignore")

NOW = int(time.time())
CLAIMS = {
    "iss": "https://issuer.example.test",
    "aud": ["https://api.example.test", "https://other.example.test"],
    "sub": "ada",
    "client_id": "some-client",
    "jti": "a-token",
    "iat": NOW,
    "exp": NOW + 3600,
    "scope": "notes:read notes:write",
    "resource_access": {"notes": {"roles": ["editor", "K\u00e4se", "\U0001d11e"]}},
}

# Every algorithm that a public key checks, and what its key is.
SIGNATURES = {
    "RS256": (RSAKey, 2048),
    "RS384": (RSAKey, 3072),
    "RS512": (RSAKey, 4096),
    "PS256": (RSAKey, 2048),
    "PS384": (RSAKey, 2048),
    "PS512": (RSAKey, 2048),
    "ES256": (ECKey, "P-256"),
    "ES384": (ECKey, "P-384"),
    "ES512": (ECKey, "P-521"),
    "EdDSA": (OKPKey, "Ed25519"),
    "Ed25519": (OKPKey, "Ed25519"),
}


def mint():
    keys = {alg: new_key(alg, kind, size) for alg, (kind, size) in SIGNATURES.items()}
    published = public(*keys.values())

    def show(name, alg, token, jwks=published, secret=None, refused=None):
        shared = secret and secret.decode()
        line = dict(name=name, alg=alg, token=token, jwks=jwks, secret=shared, payload=CLAIMS, refused=refused)
        print(json.dumps(line))

    # Good ones, and the same under a name that belongs to another key, or to none.
    for alg, key in keys.items():
        show(alg, alg, signed(alg, key))
        show(f"{alg} without a kid", alg, signed(alg, key, kid=None), jwks=public(key))
        show(f"{alg} without typ", alg, signed(alg, key, typ=None))
        other = next(k for k in keys.values() if type(k) is not type(key))
        show(f"{alg} under the kid of another type", alg, signed(alg, key, kid=other.kid), refused="keys.unknown")
        stranger = new_key(alg, *SIGNATURES[alg])
        show(f"{alg} by a stranger", alg, signed(alg, stranger), refused="jws.signature")
        brought = signed(alg, stranger, jwk=stranger.as_dict(private=False), jku="http://127.0.0.1:9/jwks")
        show(f"{alg} by a key that it brings along", alg, brought, refused="jws.signature")
        head, payload, signature = signed(alg, key).split(".")
        flipped = bytearray(decode(signature))
        flipped[len(flipped) // 2] ^= 1
        show(f"{alg} with a bit turned", alg, f"{head}.{payload}.{encode(bytes(flipped))}", refused="jws.signature")
        short = encode(decode(signature)[:-1])
        show(f"{alg} with a byte less", alg, f"{head}.{payload}.{short}", refused="jws.signature")
        empty = encode(bytes(len(flipped)))
        show(f"{alg} signed by zeros", alg, f"{head}.{payload}.{empty}", refused="jws.signature")

    # Padding, alien characters, parts too many.
    token = signed("ES256", keys["ES256"])
    for name, changed in {
        "padded": token + "==",
        "a line break at the end": token + "\n",
        "a fourth part": token + ".e30",
        "a dot at the end": token + ".",
        "two parts": token.rpartition(".")[0],
        "the alphabet of plain base64": token.replace("-", "+").replace("_", "/") + "/",
    }.items():
        show(name, "ES256", changed, refused="jws.malformed")

    # Shared secrets.
    for alg, bits in {"HS256": 256, "HS384": 384, "HS512": 512}.items():
        # As providers issue them: text, and its octets are the key.
        octets = secrets.token_bytes(bits // 8)
        secret = encode(octets).encode()
        show(alg, alg, signed(alg, OctKey.import_key(secret)), secret=secret)
        other = OctKey.generate_key(bits)
        show(f"{alg} with another secret", alg, signed(alg, other), secret=secret, refused="jws.signature")
        decoded = signed(alg, OctKey.import_key(octets))
        show(f"{alg} with the secret decoded", alg, decoded, secret=secret, refused="jws.signature")

    # The public key, which everybody knows, taken for a shared secret. The library would not import it.
    for alg in ["RS256", "PS256", "ES384", "Ed25519"]:
        key = keys[alg]
        forms = {
            "PEM": key.as_pem(private=False),
            "DER": key.as_der(private=False),
            "JWK text": json.dumps(key.as_dict(private=False)).encode(),
            "kid": key.kid.encode(),
        }
        for form, secret in forms.items():
            for mac in ["HS256", "HS384", "HS512"]:
                token = signed(mac, OctKey(secret, secret), kid=key.kid)
                name = f"{mac} by the {form} of the {alg} key"
                show(name, mac, token, refused="jws.algorithm_not_allowed")

    # Algorithms that are nobody's here.
    show("none", "none", signed("none", OctKey.generate_key(256)), refused="jws.algorithm")
    koblitz = new_key("ES256K", ECKey, "secp256k1")
    show("ES256K", "ES256K", signed("ES256K", koblitz), jwks=public(koblitz), refused="jws.algorithm")
    goldilocks = new_key("Ed448", OKPKey, "Ed448")
    show("Ed448", "Ed448", signed("Ed448", goldilocks), jwks=public(goldilocks), refused="jws.algorithm")
    # The older spelling does not tell the curve; the key does.
    goldilocks = new_key("EdDSA", OKPKey, "Ed448")
    show("EdDSA on Ed448", "EdDSA", signed("EdDSA", goldilocks), jwks=public(goldilocks), refused="keys.unknown")
    short = new_key("RS256", RSAKey, 1024)
    show("RS256 by 1024 bits", "RS256", signed("RS256", short), jwks=public(short), refused="keys.unknown")

    # Extensions that change what is signed.
    es256 = keys["ES256"]
    more = {"urn:example:more": HeaderParameter("more", "bool")}
    extended = jws.JWSRegistry(more, algorithms=["ES256"])
    header = {"alg": "ES256", "kid": es256.kid, "typ": "at+jwt"}
    critical = {**header, "crit": ["urn:example:more"], "urn:example:more": True}
    token = jws.serialize_compact(critical, json.dumps(CLAIMS), es256, registry=extended)
    show("crit", "ES256", token, refused="jws.critical")
    unencoded = {**header, "crit": ["b64"], "b64": False}
    token = jws.serialize_compact(unencoded, "just-text", es256, algorithms=["ES256"])
    show("b64 false", "ES256", token, refused="jws.critical")
    encoded = {**header, "crit": ["b64"], "b64": True}
    token = jws.serialize_compact(encoded, json.dumps(CLAIMS), es256, algorithms=["ES256"])
    show("b64 true, yet critical", "ES256", token, refused="jws.critical")

    # Other serialisations.
    member = {"protected": header}
    registry = jws.JWSRegistry(algorithms=["ES256"])
    flattened = jws.serialize_json(member, json.dumps(CLAIMS), es256, registry=registry)
    show("flattened JSON", "ES256", json.dumps(flattened), refused="jws.malformed")
    token = jws.serialize_compact(header, "no JSON", es256, algorithms=["ES256"])
    show("text instead of claims", "ES256", token, refused="jws.malformed")

    # Encrypted ones.
    for alg, enc, key in [
        ("RSA1_5", "A128CBC-HS256", RSAKey.generate_key(2048)),
        ("RSA-OAEP", "A256GCM", RSAKey.generate_key(2048)),
        ("ECDH-ES+A128KW", "A128GCM", ECKey.generate_key("P-256")),
        ("dir", "A256GCM", OctKey.generate_key(256)),
    ]:
        registry = jwe.JWERegistry(algorithms=[alg, enc])
        token = jwe.encrypt_compact({"alg": alg, "enc": enc}, json.dumps(CLAIMS), key, registry=registry)
        show(f"encrypted with {alg}", alg, token, refused="jws.encrypted")


def new_key(alg, kind, size):
    return kind.generate_key(size, {"alg": alg, "use": "sig", "kid": f"key of {alg}"}, auto_kid=False)


def public(*keys):
    return KeySet(list(keys)).as_dict(private=False)


def signed(alg, key, **header):
    """The claims signed; header members that are None are left out."""
    header = {"alg": alg, "kid": f"key of {alg}", "typ": "at+jwt", **header}
    header = {name: value for name, value in header.items() if value is not None}
    registry = jws.JWSRegistry(algorithms=[alg])
    registry.max_header_length = 4096
    return jwt.encode(header, CLAIMS, key, registry=registry, default_type=None)


def verify():
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            key = OctKey.import_key(asked["secret"]) if asked.get("secret") else import_key(asked["jwk"])
            algorithms = [*SIGNATURES, "HS256", "HS384", "HS512"]
            token = jwt.decode(asked["token"], key, algorithms=algorithms)
            said = {"header": token.header, "payload": token.claims, "error": None}
        except JoseError as error:
            said = {"header": None, "payload": None, "error": repr(error)}
        print(json.dumps(said))


def encode(octets):
    return urlsafe_b64encode(octets).rstrip(b"=").decode()


def decode(text):
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


{"mint": mint, "verify": verify}[sys.argv[1]]()
