// npm's oauth4webapi as a judge of requests at an API, by RFC 6750, RFC 9068 and RFC 9449.
//
//   node judge.mjs '{"issuer": "…", "audience": "…", "jwks": {…}}'
//
// It reads lines {method, url, headers} and prints for each {subject} or {error}.

import { text } from 'node:stream/consumers';

import * as oauth from 'oauth4webapi';

const { issuer, audience, jwks } = JSON.parse(process.argv[2]);
const as = { issuer, jwks_uri: `${issuer}/jwks` };
const options = {
  [oauth.customFetch]: async () => Response.json(jwks),
  // The library checks HMACs nowhere, and all else that it knows here.
  signingAlgorithms: ['RS256', 'PS256', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
};
for (const line of (await text(process.stdin)).split('\n').filter(Boolean)) {
  const { method, url, headers } = JSON.parse(line);
  try {
    const claims = await oauth.validateJwtAccessToken(as, new Request(url, { method, headers }), audience, options);
    console.log(JSON.stringify({ subject: claims.sub, error: null }));
  } catch (error) {
    console.log(JSON.stringify({ subject: null, error: `${error.code ?? error.name}: ${error.message}` }));
  }
}
