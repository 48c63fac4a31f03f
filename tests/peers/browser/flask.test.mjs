// The examples of the Flask packages in front of npm's oidc-provider: people log in, see who they are, and leave.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { launch, person, screenshots } from './harness/chromium.mjs';
import { freePort } from './harness/demo.mjs';
import { startExample } from './harness/flask.mjs';
import { confirmLogoutAtOp, logInAtOp, startOp } from './harness/op.mjs';
import { startListener } from './harness/servers.mjs';

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

// Of each example: a page for people who have logged in, where it takes the answer of the provider, where its
// logout begins and ends, and its settings.
const SITES = {
  flask_pyoidc: {
    page: '/profile',
    callback: '/redirect_uri',
    logout: '/logout',
    loggedOut: '/logout',
    isAtProvider: true,
    settings: ({ issuer, id, secret, address }) => ({
      ISSUER: issuer,
      CLIENT_ID: id,
      CLIENT_SECRET: secret,
      BASE_URL: address,
    }),
  },
  flask_oidc: {
    page: '/private',
    callback: '/authorize',
    logout: '/logout',
    loggedOut: '/',
    // Flask-OIDC has always ended its own session only.
    isAtProvider: false,
    settings: ({ issuer, id, secret }) => ({
      OIDC_ISSUER: issuer,
      OIDC_CLIENT_ID: id,
      OIDC_CLIENT_SECRET: secret,
    }),
  },
  modern: {
    page: '/profile',
    callback: '/auth/callback',
    logout: '/auth/logout',
    loggedOut: '/auth/logged-out',
    isAtProvider: true,
    settings: ({ issuer, id, secret, address }) => ({
      FLASK_COUNTERSIGN_ISSUER: issuer,
      FLASK_COUNTERSIGN_CLIENT_ID: id,
      FLASK_COUNTERSIGN_CLIENT_SECRET: secret,
      FLASK_COUNTERSIGN_BASE_URL: address,
    }),
  },
};

for (const [name, { page: path, callback, logout, isAtProvider }] of Object.entries(SITES)) {
  test(`${name}: somebody logs in, sees who they are, and leaves`, async () => {
    await withSite(name, async ({ site, op, page, complaints }) => {
      await page.goto(`${site.address}/`);
      await screenshots(page, `${name}-home`);

      await page.goto(`${site.address}${path}`);
      assert.equal(new URL(page.url()).origin, op.issuer, 'the provider asks who it is');
      await logInAtOp(page, 'ada');
      await page.waitForURL(`${site.address}${path}`);
      await page.getByText('ada@example.test').first().waitFor();
      await screenshots(page, `${name}-profile`);

      await page.goto(`${site.address}${logout}`);
      assert.equal(new URL(page.url()).origin === op.issuer, isAtProvider, `at ${page.url()}`);
      if (isAtProvider) await confirmLogoutAtOp(page);
      await page.waitForURL(`${site.address}/**`);
      await screenshots(page, `${name}-logged-out`);
      if (isAtProvider) {
        await page.goto(`${site.address}${path}`);
        assert.equal(new URL(page.url()).origin, op.issuer, 'nobody is logged in here or there any more');
      } else {
        await page.goto(`${site.address}/`);
        await page.getByText('Not logged in').waitFor();
      }
      assert.deepEqual(complaints, []);
    });
  });

  test(`${name}: two tabs log in at once`, async () => {
    await withSite(name, async ({ site, page, context }) => {
      const other = await context.newPage();
      await page.goto(`${site.address}${path}`);
      await other.goto(`${site.address}${path}?tab=2`);
      await logInAtOp(page, 'ada');
      await page.waitForURL(`${site.address}${path}`);
      await logInAtOp(other, 'ada');
      await other.waitForURL(`${site.address}${path}?tab=2`);
    });
  });

  test(`${name}: an answer that nobody asked for logs nobody in`, async () => {
    await withSite(name, async ({ site, op, page }) => {
      const forged = new URLSearchParams({ code: 'stolen', state: 'x'.repeat(22), iss: op.issuer });
      await page.goto(`${site.address}${callback}?${forged}`);
      // It says so, or asks the provider anew.
      await screenshots(page, `${name}-refused`);
      await page.goto(`${site.address}${path}`);
      assert.equal(new URL(page.url()).origin, op.issuer, 'nobody is logged in');
    });
  });
}

test('flask_jwt_oidc: a page of another site calls the API with a token, and not without one', async () => {
  const op = await startOp({ apiClaims: { realm_access: { roles: ['names_editor'] } } });
  const frontend = await startListener('<!doctype html><title>Frontend</title>');
  let api;
  try {
    api = await startExample('flask_jwt_oidc', await freePort(), {
      JWT_OIDC_WELL_KNOWN_CONFIG: `${op.issuer}/.well-known/openid-configuration`,
      JWT_OIDC_AUDIENCE: API,
    });
    const { page } = await person(browser);
    await page.goto(frontend.address);
    const call = (path, token) =>
      page.evaluate(
        async ([address, header]) => {
          const answer = await fetch(address, { headers: header ? { authorization: header } : {} });
          return { status: answer.status, body: await answer.json() };
        },
        [`${api.address}${path}`, token && `Bearer ${token}`],
      );
    const token = await tokenFor(op, API);
    for (const path of ['/api/secure', '/api/secured-and-roles', '/api/secured-decorated-roles']) {
      const { status, body } = await call(path, token);
      assert.equal(status, 200, JSON.stringify(body));
    }
    const elsewhere = await tokenFor(op, 'https://other.example.test');
    for (const refused of [undefined, elsewhere, `${token.slice(0, -8)}AAAAAAAA`]) {
      const answer = await page.request.get(`${api.address}/api/secure`, {
        headers: refused ? { authorization: `Bearer ${refused}` } : {},
      });
      assert.equal(answer.status(), 401);
      assert.ok(answer.headers()['www-authenticate'], 'it says how to come in');
    }
  } finally {
    await api?.stop();
    await frontend.stop();
    await op.stop();
  }
});

/** One provider, one example application and one person for one test. */
async function withSite(name, story) {
  const { callback, loggedOut, settings } = SITES[name];
  const port = await freePort();
  const address = `http://127.0.0.1:${port}`;
  const op = await startOp({
    redirectUris: [`${address}${callback}`],
    postLogoutRedirectUris: [`${address}${loggedOut}`],
  });
  let site;
  let visitor;
  try {
    const { client_id: id, client_secret: secret } = op.clients.client_secret_post;
    const told = settings({ issuer: op.issuer, id, secret, address });
    site = await startExample(name, port, { ...told, SECRET_KEY, FLASK_SECRET_KEY: SECRET_KEY });
    visitor = await person(browser);
    await story({ site, op, ...visitor });
  } finally {
    await visitor?.context.close();
    await site?.stop();
    await op.stop();
  }
}

/** An access token for this API, a JWT. */
async function tokenFor(op, resource) {
  const discovery = await fetch(`${op.issuer}/.well-known/openid-configuration`);
  const { client_id: id, client_secret: secret } = op.clients.client_secret_post;
  const answer = await fetch((await discovery.json()).token_endpoint, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: id,
      client_secret: secret,
      resource,
      scope: 'notes:read',
    }),
  });
  const { access_token: token } = await answer.json();
  assert.ok(token, `the token endpoint answers ${answer.status}`);
  return token;
}

const API = 'https://api.example.test';
const SECRET_KEY = 'a-key-for-the-tests-0123456789abcdef';
