// `countersign demo --issuer` in front of npm's oidc-provider, in the ways in which a client can be set up.

import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { faults, launch, person, screenshots } from './harness/chromium.mjs';
import { freePort, startDemo } from './harness/demo.mjs';
import { logInAtOp, startOp } from './harness/op.mjs';

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

test('a client that registers itself logs somebody in', async () => {
  await withDemo({}, ['--issuer', ISSUER], async ({ demo, page }) => {
    await page.goto(`${demo.address}/profile`);
    await logInAtOp(page, 'ada');
    await page.waitForURL(`${demo.address}/profile`);
    await page.getByText('ada@example.test').first().waitFor();
  });
});

for (const method of ['client_secret_basic', 'client_secret_post', 'client_secret_jwt', 'none']) {
  test(`a static client logs somebody in with ${method}`, async () => {
    const args = ['--issuer', ISSUER, '--client-id', `client-${method}`, '--client-auth', method];
    if (method !== 'none') args.push('--client-secret', SECRET);
    await withDemo({}, args, async ({ demo, page }) => {
      await page.goto(`${demo.address}/profile`);
      await logInAtOp(page, 'ada');
      await page.waitForURL(`${demo.address}/profile`);
    });
  });
}

test('a static client logs somebody in with private_key_jwt', async () => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const folder = await mkdtemp(join(tmpdir(), 'countersign-'));
  try {
    const file = join(folder, 'client.pem');
    await writeFile(file, privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600 });
    const jwk = publicKey.export({ format: 'jwk' });
    const clientJwks = { keys: [{ ...jwk, use: 'sig', alg: 'ES256', kid: thumbprint(jwk) }] };
    const args = ['--issuer', ISSUER, '--client-id', 'client-private_key_jwt'];
    args.push('--client-auth', 'private_key_jwt', '--client-key', file);
    await withDemo({ settings: { clientJwks } }, args, async ({ demo, page }) => {
      await page.goto(`${demo.address}/profile`);
      await logInAtOp(page, 'ada');
      await page.waitForURL(`${demo.address}/profile`);
    });
  } finally {
    await rm(folder, { recursive: true });
  }
});

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? 'by itself' : 'by a button without JavaScript';
  test(`an answer that is posted as a form arrives ${how}`, async () => {
    const args = ['--issuer', ISSUER, '--response-mode', 'form_post'];
    // localhost and 127.0.0.1 are two sites: the provider's form brings no cookie along.
    await withDemo({ host: 'localhost', javaScriptEnabled }, args, async ({ demo, page, complaints, urls }) => {
      await page.goto(`${demo.address}/profile`);
      await logInAtOp(page, 'ada');
      if (!javaScriptEnabled) {
        // First the provider's form, then the bridge that comes back from our own site.
        await page.getByRole('button', { name: 'Continue' }).click();
        await page.waitForURL(`${demo.address}/auth/callback`);
        await screenshots(page, 'demo-form-post-bridge');
        await page.getByRole('button').first().click();
      }
      await page.waitForURL(`${demo.address}/profile`);
      const posts = urls.filter((url) => url === `${demo.address}/auth/callback`);
      assert.equal(posts.length, 2, 'over the bridge');
      assert.deepEqual(urls.filter((url) => /[?&]code=/.test(url)), [], 'the code is in no address');
      assert.deepEqual(complaints, []);
    });
  });
}

test('a login works right after the provider has changed its keys', async () => {
  await withDemo({}, ['--issuer', ISSUER], async ({ demo, op, page, context }) => {
    await page.goto(`${demo.address}/profile`);
    await logInAtOp(page, 'ada');
    await page.waitForURL(`${demo.address}/profile`);
    await op.control('rotate-keys');
    await context.clearCookies();
    await page.goto(`${demo.address}/profile`);
    await logInAtOp(page, 'grace');
    await page.waitForURL(`${demo.address}/profile`);
    await page.getByText('grace@example.test').first().waitFor();
  });
});

test('a provider that is down gives a page that says so, and nobody has to restart anything', async () => {
  const args = ['--issuer', ISSUER, '--client-id', 'client-none', '--client-auth', 'none'];
  await withDemo({ down: true }, args, async ({ demo, op, page }) => {
    assert.equal((await page.request.get(`${demo.address}/healthz`)).status(), 200);
    assert.equal((await page.request.get(`${demo.address}/readyz`)).status(), 503);
    const response = await page.goto(`${demo.address}/profile`);
    assert.equal(response.status(), 503);
    assert.ok(response.headers()['retry-after'], 'it says when to come back');
    await screenshots(page, 'demo-provider-down');
    assert.deepEqual(await faults(page), []);

    await op.control('weather', { down: false });
    // The application asks again at its own pace.
    for (let tries = 0; tries < 60 && new URL(page.url()).origin !== op.issuer; tries += 1) {
      await page.waitForTimeout(500);
      await page.goto(`${demo.address}/profile`);
    }
    await logInAtOp(page, 'ada');
    await page.waitForURL(`${demo.address}/profile`);
  });
});

/** One provider, one demo and one person for one test. */
async function withDemo({ down = false, host = '127.0.0.1', settings = {}, ...options }, args, story) {
  const port = await freePort();
  const address = `http://${host}:${port}`;
  const op = await startOp({
    ...settings,
    redirectUris: [`${address}/auth/callback`],
    postLogoutRedirectUris: [`${address}/auth/logged-out`],
  });
  let demo;
  let visitor;
  try {
    await op.control('weather', { down });
    const told = args.map((arg) => {
      if (arg === ISSUER) return op.issuer;
      return arg === SECRET ? op.clients[method(args)].client_secret : arg;
    });
    demo = await startDemo(['--listen', `127.0.0.1:${port}`, '--base-url', address, ...told]);
    visitor = await person(browser, options);
    const urls = [];
    visitor.page.on('request', (request) => urls.push(request.url()));
    await story({ demo, op, urls, ...visitor });
  } finally {
    await visitor?.context.close();
    await demo?.stop();
    await op.stop();
  }
}

/** RFC 7638: what a key is called that has no name. */
function thumbprint({ crv, kty, x, y }) {
  return createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url');
}

function method(args) {
  return args[args.indexOf('--client-auth') + 1];
}

// Stand for what is known only once the provider runs.
const ISSUER = '<issuer>';
const SECRET = '<secret>';
