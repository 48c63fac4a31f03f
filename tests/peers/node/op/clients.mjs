// The static clients: one for each way to authenticate, one for each signature of ID tokens, one hybrid, two APIs.

/** Client metadata for the provider, from the settings. */
export function staticClients(settings) {
  const clients = METHODS.map((method) => client(settings, method, { token_endpoint_auth_method: method }));
  if (settings.clientJwks) {
    clients.push(
      client(settings, 'private_key_jwt', {
        token_endpoint_auth_method: 'private_key_jwt',
        jwks: settings.clientJwks,
      }),
    );
  }
  for (const alg of ['ES256', 'EdDSA', 'PS256']) {
    clients.push(client(settings, alg.toLowerCase(), { id_token_signed_response_alg: alg }));
  }
  clients.push(
    client(settings, 'hybrid', {
      // The provider allows http here to native clients only, RFC 8252 section 7.3.
      application_type: 'native',
      response_types: ['code', 'code id_token'],
      grant_types: [...GRANTS, 'implicit'],
    }),
  );
  return [...clients, api('api', 'RS256'), api('api-es256', 'ES256'), ...settings.clients];
}

/** An API: logs nobody in, asks about tokens. The answers are signed, where it accepts that, RFC 9701. */
function api(name, alg) {
  return {
    client_id: `client-${name}`,
    client_secret: `not really: secret+100% of ${name}/=&?`,
    token_endpoint_auth_method: 'client_secret_basic',
    redirect_uris: [],
    response_types: [],
    grant_types: [],
    introspection_signed_response_alg: alg,
  };
}

/** What a test needs to know of a client. */
export function credentials({ client_id, client_secret, token_endpoint_auth_method }) {
  return { client_id, client_secret, token_endpoint_auth_method: token_endpoint_auth_method ?? METHODS[1] };
}

function client(settings, name, more) {
  const metadata = {
    client_id: `client-${name}`,
    client_name: `Peer test, ${name}`,
    redirect_uris: settings.redirectUris,
    post_logout_redirect_uris: settings.postLogoutRedirectUris,
    response_types: ['code'],
    grant_types: GRANTS,
    ...more,
  };
  if (!['none', 'private_key_jwt'].includes(metadata.token_endpoint_auth_method)) {
    // Characters that RFC 6749 section 2.3.1 has encoded in the Authorization header.
    metadata.client_secret = `not really: secret+100% of ${name}/=&?`;
  }
  if (metadata.token_endpoint_auth_method !== 'none') {
    metadata.grant_types = [...metadata.grant_types, 'client_credentials'];
  }
  if (settings.backchannelLogoutUri) {
    metadata.backchannel_logout_uri = settings.backchannelLogoutUri;
    metadata.backchannel_logout_session_required = true;
  }
  return metadata;
}

const METHODS = ['none', 'client_secret_basic', 'client_secret_post', 'client_secret_jwt'];
const GRANTS = ['authorization_code', 'refresh_token'];
