// npm's oauth4webapi as the client of an API: finds out what the API says of itself, gets tokens and calls.
//
//   node caller.mjs '{"resource": "http://127.0.0.1:3000/api", "client": {"client_id": …, "client_secret": …}}'
//
// It prints one JSON object: the metadata of the API, and by a name the status or the challenges of each call.

import * as oauth from 'oauth4webapi';

const { resource, client: known } = JSON.parse(process.argv[2]);
const plain = { [oauth.allowInsecureRequests]: true };
const client = { client_id: known.client_id };
const authentication = oauth.ClientSecretPost(known.client_secret);

/** Status, body and challenges of a call, as the library reads them. */
async function call(path, token, options = {}) {
  const url = new URL(`${resource}${path}`);
  const ask = () => oauth.protectedResourceRequest(token, 'GET', url, undefined, null, { ...plain, ...options });
  try {
    const answer = await ask();
    return { status: answer.status, body: await answer.text(), challenges: [] };
  } catch (error) {
    if (options.DPoP && !options.again && oauth.isDPoPNonceError(error)) {
      // The library has kept the nonce that came with the answer.
      return { ...(await call(path, token, { ...options, again: true })), asked: 2 };
    }
    if (!(error instanceof oauth.WWWAuthenticateChallengeError)) throw error;
    const body = await error.response.json();
    return { status: error.status, body, challenges: error.cause };
  }
}

async function token(as, scope, options = {}) {
  const parameters = new URLSearchParams({ resource, scope });
  const ask = async () => {
    const answer = await oauth.clientCredentialsGrantRequest(as, client, authentication, parameters, {
      ...plain,
      ...options,
    });
    return oauth.processClientCredentialsResponse(as, client, answer);
  };
  try {
    return (await ask()).access_token;
  } catch (error) {
    if (!oauth.isDPoPNonceError(error)) throw error;
    return (await ask()).access_token;
  }
}

const found = await oauth.resourceDiscoveryRequest(new URL(resource), plain);
const metadata = await oauth.processResourceDiscoveryResponse(new URL(resource), found);
const issuer = new URL(metadata.authorization_servers[0]);
const as = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, plain));

const bearer = await token(as, 'notes:read');
const DPoP = oauth.DPoP(client, await oauth.generateKeyPair('ES256'));
const bound = await token(as, 'notes:read', { DPoP });
const calls = {
  garbage: await call('/notes', 'garbage'),
  bearer: await call('/notes', bearer),
  'bearer beyond its scope': await call('/notes/write', bearer),
  'bearer without a role': await call('/notes/edit', bearer),
  'bearer too weak': await call('/notes/gold', bearer),
  bound: await call('/notes', bound, { DPoP }),
  'bound, again': await call('/notes', bound, { DPoP }),
  'bound beyond its scope': await call('/notes/write', bound, { DPoP }),
  'bound as a bearer': await call('/notes', bound),
  'bearer as a bound one': await call('/notes', bearer, { DPoP }),
};
console.log(JSON.stringify({ metadata, calls }));
