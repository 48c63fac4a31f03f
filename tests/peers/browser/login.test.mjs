// A newcomer's first minutes: `countersign demo` with its own development provider.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { faults, launch, person, screenshots } from './harness/chromium.mjs';
import { logInAtDevProvider, startDemo } from './harness/demo.mjs';

let demo;
let browser;
before(async () => {
  demo = await startDemo();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await demo?.stop();
});

test('a newcomer logs in and sees who they are', async () => {
  const { page, complaints } = await person(browser);
  await page.goto(demo.address);
  await screenshots(page, 'demo-home-logged-out');
  assert.deepEqual(await faults(page), []);

  await page.goto(`${demo.address}/profile`);
  assert.notEqual(new URL(page.url()).origin, demo.address, 'the provider asks who it is');
  await screenshots(page, 'dev-provider-login');
  assert.deepEqual(await faults(page), []);

  await logInAtDevProvider(page, 'alice');
  await page.waitForURL(`${demo.address}/profile`);
  await page.getByText('alice', { exact: false }).first().waitFor();
  await screenshots(page, 'demo-profile');
  assert.deepEqual(await faults(page), []);

  await page.goto(demo.address);
  await screenshots(page, 'demo-home-logged-in');
  assert.deepEqual(await faults(page), []);
  assert.deepEqual(complaints, []);
});

test('the path and the query survive the login', async () => {
  const { page } = await person(browser);
  await page.goto(`${demo.address}/profile?tab=2&q=a%20b`);
  await logInAtDevProvider(page, 'bob');
  await page.waitForURL(`${demo.address}/profile?tab=2&q=a%20b`);
});

test('a login works without JavaScript', async () => {
  const { page } = await person(browser, { javaScriptEnabled: false });
  await page.goto(`${demo.address}/profile`);
  await logInAtDevProvider(page, 'alice');
  await page.waitForURL(`${demo.address}/profile`);
});

test('no token is on a page, in an answer or in reach of a script', async () => {
  const { page, context } = await person(browser);
  await page.goto(`${demo.address}/profile`);
  await logInAtDevProvider(page, 'alice');
  await page.waitForURL(`${demo.address}/profile`);
  const session = await (await context.request.get(`${demo.address}/me`)).text();
  assert.match(session, /"sub"/);
  for (const text of [await page.content(), session]) {
    assert.doesNotMatch(text, /eyJ[\w-]+\.[\w-]+\.[\w-]+/, 'a JWT');
    assert.doesNotMatch(text, /"(access|refresh)_token"/);
  }
  assert.equal(await page.evaluate(() => document.cookie), '', 'cookies are HttpOnly');
});

test('a script gets 401 and the address of the login, not a redirect', async () => {
  const { page, context } = await person(browser);
  // A page of the application whose policy lets it ask; the demo's own pages have no scripts at all.
  await page.route(`${demo.address}/with-scripts`, (route) => route.fulfill({ contentType: 'text/html', body: '' }));
  await page.goto(`${demo.address}/with-scripts`);
  const cookies = (await context.cookies()).length;
  const answer = await page.evaluate(async () => {
    const response = await fetch('/profile');
    return { status: response.status, type: response.headers.get('content-type'), body: await response.text() };
  });
  assert.equal(answer.status, 401, JSON.stringify(answer));
  assert.match(answer.type, /^application\/json/);
  assert.match(JSON.parse(answer.body).login, /\/auth\/login/);
  assert.equal((await context.cookies()).length, cookies, 'no login was started');
});
