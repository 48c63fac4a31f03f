// The provider's own pages in Chromium: what fails here is no fault of countersign.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { faults, launch, person, screenshots } from './harness/chromium.mjs';
import { logInAtOp, startOp } from './harness/op.mjs';
import { startListener } from './harness/servers.mjs';

let application;
let callback;
let op;
let browser;
before(async () => {
  application = await startListener('arrived');
  callback = `${application.address}/auth/callback`;
  op = await startOp({ redirectUris: [callback] });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await op?.stop();
  await application?.stop();
});

test('a person logs in at oidc-provider and comes back', async () => {
  const { page, complaints } = await person(browser);
  await page.goto(authorization());
  await screenshots(page, 'oidc-provider-login');
  assert.deepEqual(await faults(page), []);
  await logInAtOp(page, 'ada');
  await page.getByText('arrived').waitFor();
  assert.ok(page.url().startsWith(`${callback}?`), page.url());
  assert.ok(new URL(page.url()).searchParams.has('code'), page.url());
  assert.deepEqual(complaints, []);
});

test('a person logs in at oidc-provider without JavaScript', async () => {
  const { page } = await person(browser, { javaScriptEnabled: false });
  await page.goto(authorization());
  await logInAtOp(page, 'ada');
  await page.getByText('arrived').waitFor();
  assert.ok(page.url().startsWith(`${callback}?`), page.url());
});

test('oidc-provider posts its answer as a form', async () => {
  const { page } = await person(browser);
  const posted = page.waitForRequest((request) => request.url() === callback && request.method() === 'POST');
  await page.goto(authorization({ response_mode: 'form_post' }));
  await logInAtOp(page, 'ada');
  const fields = new URLSearchParams((await posted).postData());
  assert.equal(fields.get('state'), 'some-state');
  assert.ok(fields.has('code'));
});

function authorization(more = {}) {
  const parameters = new URLSearchParams({
    client_id: op.clients.none.client_id,
    response_type: 'code',
    scope: 'openid',
    redirect_uri: callback,
    state: 'some-state',
    // The example of RFC 7636, appendix B.
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
    ...more,
  });
  return `${op.issuer}/auth?${parameters}`;
}
