// What a test may choose. Unknown names are refused, so that a misspelt one isn't silently the default.

/** Reads the settings and fills in the defaults. */
export function readSettings(json) {
  const given = JSON.parse(json);
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(defaults, name)) throw new Error(`unknown setting ${name}`);
  }
  return { ...defaults, ...given };
}

const defaults = {
  // 0 takes a free one.
  port: 0,
  // Of every static client.
  redirectUris: ['http://127.0.0.1:3000/auth/callback'],
  postLogoutRedirectUris: ['http://127.0.0.1:3000/auth/logged-out'],
  // Where logout tokens go; none are sent without it.
  backchannelLogoutUri: null,
  // The public keys of the client that authenticates with private_key_jwt; without them it doesn't exist.
  clientJwks: null,
  // Client metadata of further static clients, in the names of OpenID Connect Registration.
  clients: [],
  // Seconds by kind of artefact: AccessToken, AuthorizationCode, IdToken, RefreshToken, Interaction, Session, Grant.
  ttl: {},
  // Whether each refresh gives a new refresh token and spends the old one.
  rotateRefreshToken: true,
  // Whether a refresh token is given without the scope offline_access, too.
  refreshWithoutOfflineAccess: false,
  // Whether name and e-mail stand in the ID token besides the user info answer.
  claimsInIdToken: false,
  // The token that dynamic registration wants; open without it.
  initialAccessToken: null,
  // Values of acr that may be asked for.
  acrValues: ['urn:countersign:silver', 'urn:countersign:gold'],
  // Scopes of access tokens for an API, that is, where a resource indicator is sent.
  apiScope: 'notes:read notes:write',
  // The algorithm that signs them: their format is a JWT,
  apiTokenAlg: 'RS256',
  // unless this says otherwise for a resource: {"https://api.example.test": {"format": "opaque", "alg": "ES256"}}.
  apis: {},
  // Claims of every access token, in a JWT as well as in an answer to introspection.
  apiClaims: {},
  // Whether proofs of possession must bear a nonce of this provider, RFC 9449 section 8.
  dpopNonce: false,
};
