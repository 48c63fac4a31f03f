// Leaving, and what is left behind.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { faults, launch, person, screenshots } from './harness/chromium.mjs';
import { startDemo } from './harness/demo.mjs';
import { confirmLogoutAtOp, logInAtOp, startOp } from './harness/op.mjs';

let op;
let demo;
let browser;
before(async () => {
  op = await startOp();
  demo = await startDemo(['--issuer', op.issuer]);
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await demo?.stop();
  await op?.stop();
});

test('logging out ends both sessions and shows that it did', async () => {
  const { page, context, complaints } = await loggedIn('ada');
  await page.goto(`${demo.address}/auth/logout`);
  // With id_token_hint the provider may go without asking; this one asks.
  if (new URL(page.url()).origin === op.issuer) await confirmLogoutAtOp(page);
  await page.waitForURL(`${demo.address}/auth/logged-out**`);
  await screenshots(page, 'demo-logged-out');
  assert.deepEqual(await faults(page), []);
  assert.equal((await context.request.get(`${demo.address}/me`)).status(), 401);

  await page.goto(`${demo.address}/profile`);
  await page.getByLabel('User name').waitFor();
  assert.deepEqual(complaints.filter((complaint) => !/401/.test(complaint)), []);
});

test('the back button after logging out shows nobody', async () => {
  const { page } = await loggedIn('grace');
  await page.goto(`${demo.address}/auth/logout`);
  if (new URL(page.url()).origin === op.issuer) await confirmLogoutAtOp(page);
  await page.waitForURL(`${demo.address}/auth/logged-out**`);
  for (let step = 0; step < 3; step += 1) {
    await page.goBack().catch(() => {});
    assert.doesNotMatch(await page.content(), /grace@example\.test/);
  }
});

test('an image on another site logs nobody out', async () => {
  const { page, context } = await loggedIn('ada');
  // localhost and 127.0.0.1 are two sites.
  const foreign = await context.newPage();
  await foreign.route('http://localhost:1/', (route) =>
    route.fulfill({ contentType: 'text/html', body: `<img src="${demo.address}/auth/logout" alt="">` }),
  );
  await foreign.goto('http://localhost:1/', { waitUntil: 'networkidle' });
  await page.goto(`${demo.address}/profile`);
  assert.equal(page.url(), `${demo.address}/profile`);
});

async function loggedIn(name) {
  const visitor = await person(browser);
  await visitor.page.goto(`${demo.address}/profile`);
  await logInAtOp(visitor.page, name);
  await visitor.page.waitForURL(`${demo.address}/profile`);
  return visitor;
}
