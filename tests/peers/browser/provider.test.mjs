// The provider's own pages in Chromium: what fails here is no fault of countersign.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { faults, launch, person, screenshots } from './harness/chromium.mjs';
import { logInAtOp, startOp } from './harness/op.mjs';

const CALLBACK = 'http://127.0.0.1:3000/auth/callback';

let op;
let browser;
before(async () => {
  op = await startOp({ redirectUris: [CALLBACK] });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await op?.stop();
});

test('a person logs in at oidc-provider and comes back', async () => {
  const { page, complaints } = await visitor();
  await page.goto(authorization());
  await screenshots(page, 'oidc-provider-login');
  assert.deepEqual(await faults(page), []);
  await logInAtOp(page, 'ada');
  await page.waitForURL(`${CALLBACK}?**`);
  assert.ok(new URL(page.url()).searchParams.has('code'), page.url());
  assert.deepEqual(complaints, []);
});

test('a person logs in at oidc-provider without JavaScript', async () => {
  const { page } = await visitor({ javaScriptEnabled: false });
  await page.goto(authorization());
  await logInAtOp(page, 'ada');
  await page.waitForURL(`${CALLBACK}?**`);
});

test('oidc-provider posts its answer as a form', async () => {
  const { page } = await visitor();
  const posted = page.waitForRequest((request) => request.url() === CALLBACK && request.method() === 'POST');
  await page.goto(authorization({ response_mode: 'form_post' }));
  await logInAtOp(page, 'ada');
  const fields = new URLSearchParams((await posted).postData());
  assert.equal(fields.get('state'), 'some-state');
  assert.ok(fields.has('code'));
});

/** A person for whom somebody answers at the redirect URI. */
async function visitor(options) {
  const visitor = await person(browser, options);
  await visitor.context.route(`${CALLBACK}**`, (route) => route.fulfill({ body: 'arrived' }));
  return visitor;
}

function authorization(more = {}) {
  const parameters = new URLSearchParams({
    client_id: op.clients.none.client_id,
    response_type: 'code',
    scope: 'openid',
    redirect_uri: CALLBACK,
    state: 'some-state',
    // The example of RFC 7636, appendix B.
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
    ...more,
  });
  return `${op.issuer}/auth?${parameters}`;
}
