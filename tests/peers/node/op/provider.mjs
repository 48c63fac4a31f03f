// The provider's configuration.

import { randomBytes } from 'node:crypto';

import { Provider } from 'oidc-provider';
import { createMemoryAdapter } from 'oidc-provider/lib/adapters/memory_adapter.js';

import { staticClients } from './clients.mjs';
import { logoutPage, loggedOutPage, errorPage } from './pages.mjs';

/** A provider with these keys. Others before it in this process share its sessions and grants. */
export function newProvider(issuer, settings, keys, cookieKeys) {
  const provider = new Provider(issuer, configuration(settings, keys, cookieKeys));
  provider.on('server_error', (_ctx, error) => console.error('oidc-provider:', error));
  return provider;
}

function configuration(settings, keys, cookieKeys) {
  return {
    clients: staticClients(settings),
    adapter: memory,
    jwks: { keys },
    cookies: { keys: cookieKeys },
    clientAuthMethods: [
      'none',
      'client_secret_basic',
      'client_secret_post',
      'client_secret_jwt',
      'private_key_jwt',
    ],
    responseTypes: ['code', 'code id_token'],
    pkce: { required: () => true },
    claims: CLAIMS,
    scopes: ['openid', 'offline_access'],
    acrValues: settings.acrValues,
    conformIdTokenClaims: !settings.claimsInIdToken,
    // HS256 is off by default; a client has to be registered for it.
    enabledJWA: {
      idTokenSigningAlgValues: ['RS256', 'PS256', 'ES256', 'EdDSA', 'HS256'],
      introspectionSigningAlgValues: ['RS256', 'PS256', 'ES256', 'EdDSA', 'HS256'],
      dPoPSigningAlgValues: ['RS256', 'PS256', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
    },
    extraTokenClaims: () => settings.apiClaims,
    findAccount: (_ctx, id) => account(id),
    loadExistingGrant: grantEverything,
    interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    renderError: errorPage,
    rotateRefreshToken: settings.rotateRefreshToken,
    issueRefreshToken: async (_ctx, client, source) =>
      client.grantTypeAllowed('refresh_token')
      && (settings.refreshWithoutOfflineAccess || source.scopes.has('offline_access')),
    ttl: { ...TTL, ...settings.ttl },
    // The library's own dispatcher refuses loopback addresses, where every client of a test lives.
    fetch: (url, { dispatcher, ...options }) => fetch(url, options),
    features: {
      backchannelLogout: { enabled: true },
      claimsParameter: { enabled: true },
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      dPoP: { enabled: true, nonceSecret, requireNonce: () => settings.dpopNonce },
      introspection: { enabled: true },
      jwtIntrospection: { enabled: true },
      registration: { enabled: true, initialAccessToken: settings.initialAccessToken ?? false },
      registrationManagement: { enabled: true },
      resourceIndicators: { enabled: true, getResourceServerInfo: api(settings) },
      revocation: { enabled: true },
      rpInitiatedLogout: { enabled: true, logoutSource: logoutPage, postLogoutSuccessSource: loggedOutPage },
      userinfo: { enabled: true },
    },
  };
}

/** What all providers of this process share. By itself, each would have a memory of its own. */
const memory = createMemoryAdapter();
const nonceSecret = randomBytes(32);

/** Every name is somebody. */
function account(id) {
  const name = id.charAt(0).toUpperCase() + id.slice(1);
  const claims = {
    sub: id,
    name,
    preferred_username: id,
    email: `${id}@example.test`,
    email_verified: true,
    groups: ['readers'],
  };
  return { accountId: id, claims: async () => claims };
}

/** Consents to what is asked for, so that no consent page stands between a test and its login. */
async function grantEverything(ctx) {
  const { client, session, params, provider, result } = ctx.oidc;
  const id = result?.consent?.grantId ?? session.grantIdFor(client.clientId);
  const known = id && (await provider.Grant.find(id));
  const grant = known || new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
  grant.addOIDCScope(params.scope);
  if (params.claims) {
    const { id_token = {}, userinfo = {} } = JSON.parse(params.claims);
    grant.addOIDCClaims([...Object.keys(id_token), ...Object.keys(userinfo)]);
  }
  for (const resource of [params.resource ?? []].flat()) {
    grant.addResourceScope(resource, params.scope);
  }
  await grant.save();
  return grant;
}

/** Access tokens for any API, RFC 8707. */
function api(settings) {
  return (_ctx, resource) => {
    const { format = 'jwt', alg = settings.apiTokenAlg } = settings.apis[resource] ?? {};
    return {
      scope: settings.apiScope,
      audience: resource,
      accessTokenFormat: format,
      accessTokenTTL: settings.ttl.AccessToken ?? TTL.AccessToken,
      ...(format === 'jwt' && { jwt: { sign: { alg } } }),
    };
  };
}

const CLAIMS = {
  openid: ['sub', 'groups'],
  profile: ['name', 'preferred_username'],
  email: ['email', 'email_verified'],
};

const TTL = {
  AccessToken: 3600,
  AuthorizationCode: 60,
  ClientCredentials: 600,
  Grant: 86400,
  IdToken: 3600,
  Interaction: 3600,
  RefreshToken: 86400,
  Session: 86400,
};
