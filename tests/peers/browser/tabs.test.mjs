// Several tabs, the back button, bookmarks, a login page left open: each ends well.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { catchNavigation, faults, launch, person, screenshots } from './harness/chromium.mjs';
import { freePort, startDemo } from './harness/demo.mjs';
import { logInAtOp, startOp } from './harness/op.mjs';
import { startCookieEater } from './harness/servers.mjs';

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

test('two tabs log in, each comes back to its own place', async () => {
  const { page: first, context } = await person(browser);
  const second = await context.newPage();
  await first.goto(`${demo.address}/profile?tab=1`);
  await second.goto(`${demo.address}/profile?tab=2`);
  await logInAtOp(second, 'ada');
  await second.waitForURL(`${demo.address}/profile?tab=2`);
  await logInAtOp(first, 'ada');
  await first.waitForURL(`${demo.address}/profile?tab=1`);
  await second.reload();
  assert.equal(second.url(), `${demo.address}/profile?tab=2`, 'still logged in');
});

test('the back button after a login leads to no error', async () => {
  const { page } = await person(browser);
  await page.goto(demo.address);
  await page.goto(`${demo.address}/profile`);
  await logInAtOp(page, 'ada');
  await page.waitForURL(`${demo.address}/profile`);
  for (let step = 0; step < 3; step += 1) {
    const response = await page.goBack().catch(() => null);
    if (response && new URL(response.url()).origin === demo.address) assert.ok(response.status() < 400, response.url());
  }
  await page.goto(`${demo.address}/profile`);
  assert.equal(page.url(), `${demo.address}/profile`, 'still logged in');
});

test('a bookmarked callback leads into the application', async () => {
  const { page } = await person(browser);
  const callback = page.waitForRequest((request) => request.url().startsWith(`${demo.address}/auth/callback`));
  await page.goto(`${demo.address}/profile`);
  await logInAtOp(page, 'ada');
  const bookmark = (await callback).url();
  await page.waitForURL(`${demo.address}/profile`);

  await page.goto(bookmark);
  assert.equal(new URL(page.url()).origin, demo.address);
  assert.equal((await page.request.get(`${demo.address}/me`)).status(), 200, 'the session is untouched');
});

test('another browser gets nothing from a stolen callback', async () => {
  const { page } = await person(browser);
  await page.goto(`${demo.address}/profile`);
  const caught = catchNavigation(page, `${demo.address}/auth/callback*`);
  await logInAtOp(page, 'ada');
  const stolen = await caught;

  const { page: other, context } = await person(browser);
  await other.goto(stolen);
  assert.equal((await context.request.get(`${demo.address}/me`)).status(), 401);
});

test('a login whose cookie is gone starts again by itself, once', async () => {
  const { page, context } = await person(browser);
  await page.goto(`${demo.address}/profile`);
  // Overnight the browser was closed, and forgot.
  await context.clearCookies({ domain: '127.0.0.1', name: /login/ });
  await logInAtOp(page, 'ada');
  await page.waitForURL((url) => url.origin === demo.address && !url.pathname.startsWith('/auth/'));
  assert.equal((await context.request.get(`${demo.address}/me`)).status(), 200);
});

test('a provider page that has expired does not lock anybody out', async () => {
  const { page, context } = await person(browser);
  await op.control('settings', { ttl: { Interaction: 1 } });
  try {
    await page.goto(`${demo.address}/profile`);
    // The provider answers by its own clock, which no test can move.
    await new Promise((over) => setTimeout(over, 2500));
    await logInAtOp(page, 'ada');
    await page.getByText('SessionNotFound').waitFor();
  } finally {
    await op.control('settings', { ttl: {} });
  }
  await page.goto(`${demo.address}/profile`);
  await logInAtOp(page, 'ada');
  await page.waitForURL(`${demo.address}/profile`);
  assert.equal((await context.request.get(`${demo.address}/me`)).status(), 200);
});

test('a browser whose cookies get lost is told so instead of going in circles', async () => {
  const listen = `127.0.0.1:${await freePort()}`;
  const eater = await startCookieEater(`http://${listen}`);
  let lossy;
  try {
    lossy = await startDemo(['--listen', listen, '--issuer', op.issuer, '--base-url', eater.address]);
    const { page } = await person(browser);
    await page.goto(`${eater.address}/profile`);
    await logInAtOp(page, 'ada');
    await page.getByText('cookie', { exact: false }).first().waitFor();
    await page.getByText('login.', { exact: false }).first().waitFor();
    await screenshots(page, 'demo-cookies-lost');
    assert.deepEqual(await faults(page), []);
  } finally {
    await lossy?.stop();
    await eater.stop();
  }
});

test('a cancelled login is explained and can be tried again', async () => {
  const { page } = await person(browser);
  await page.goto(`${demo.address}/profile`);
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.waitForURL(`${demo.address}/auth/callback**`);
  await page.getByText('login.refused').waitFor();
  await screenshots(page, 'demo-login-refused');
  assert.deepEqual(await faults(page), []);
  await page.getByRole('link', { name: 'Try again' }).click();
  await logInAtOp(page, 'ada');
  await page.waitForURL(`${demo.address}/profile`);
});
