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

// Where each package takes the answer of the provider, and where its logout ends.
const SITES = {
  flask_pyoidc: { callback: '/redirect_uri', loggedOut: '/logout', atProvider: true },
  flask_oidc: { callback: '/authorize', loggedOut: '/', atProvider: false },
  modern: { callback: '/auth/callback', loggedOut: '/auth/logged-out', atProvider: true },
};

for (const [name, { atProvider }] of Object.entries(SITES)) {
  test(`${name}: somebody logs in, sees who they are, and leaves`, async () => {
    await withSite(name, async ({ site, op, page, complaints }) => {
      await page.goto(`${site.address}/`);
      await screenshots(page, `${name}-home`);

      await page.goto(`${site.address}/profile`);
      assert.equal(new URL(page.url()).origin, op.issuer, 'the provider asks who it is');
      await logInAtOp(page, 'ada');
      await page.waitForURL(`${site.address}/profile`);
      await page.getByText('ada@example.test').first().waitFor();
      await screenshots(page, `${name}-profile`);

      await page.goto(`${site.address}/logout`);
      assert.equal(new URL(page.url()).origin === op.issuer, atProvider, `at ${page.url()}`);
      if (atProvider) await confirmLogoutAtOp(page);
      await page.waitForURL(`${site.address}/**`);
      await screenshots(page, `${name}-logged-out`);
      await page.goto(`${site.address}/profile`);
      assert.equal(new URL(page.url()).origin === op.issuer, true, 'nobody is logged in here any more');
      assert.deepEqual(complaints, []);
    });
  });

  test(`${name}: two tabs log in at once`, async () => {
    await withSite(name, async ({ site, page, context }) => {
      const other = await context.newPage();
      await page.goto(`${site.address}/profile`);
      await other.goto(`${site.address}/profile?tab=2`);
      await logInAtOp(page, 'ada');
      await page.waitForURL(`${site.address}/profile`);
      await logInAtOp(other, 'ada');
      await other.waitForURL(`${site.address}/profile?tab=2`);
    });
  });

  test(`${name}: an answer that nobody asked for logs nobody in`, async () => {
    await withSite(name, async ({ site, op, page }) => {
      const forged = new URLSearchParams({ code: 'stolen', state: 'x'.repeat(22), iss: op.issuer });
      await page.goto(`${site.address}${SITES[name].callback}?${forged}`);
      assert.equal(new URL(page.url()).origin, site.address);
      await screenshots(page, `${name}-refused`);
      await page.goto(`${site.address}/profile`);
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
  const { callback, loggedOut } = SITES[name];
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
    site = await startExample(name, port, {
      ISSUER: op.issuer,
      CLIENT_ID: id,
      CLIENT_SECRET: secret,
      BASE_URL: address,
      SECRET_KEY: 'a-key-for-the-tests-0123456789abcdef',
    });
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
