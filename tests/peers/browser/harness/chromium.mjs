// Chromium, and what tests ask of the pages that it shows.

import { mkdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import { root } from './program.mjs';

// The npm packages lie beside the provider.
const require = createRequire(new URL('../../node/package.json', import.meta.url));
const { chromium } = require('playwright-core');

/** Starts Chromium with an empty profile, which goes away with it. */
export async function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    chromiumSandbox: false,
    args: FLAGS,
  });
}

/**
 * A person with an empty cookie jar, and their first tab. `complaints` collects what the browser has to say
 * about the pages: scripts that fail, styles that a policy refuses.
 */
export async function person(browser, options = {}) {
  const context = await browser.newContext({ viewport: WIDE, ...options });
  context.setDefaultTimeout(LONGEST_WAIT);
  const complaints = [];
  context.on('console', (message) => {
    if (message.type() === 'error' && !/favicon/.test(message.location().url)) complaints.push(message.text());
  });
  context.on('weberror', (error) => complaints.push(String(error.error())));
  const page = await context.newPage();
  sayWhere(page);
  return { context, page, complaints };
}

/** Lets a wait for an address that never comes tell where the person is instead. */
function sayWhere(page) {
  const wait = page.waitForURL.bind(page);
  page.waitForURL = async (...wanted) => {
    try {
      await wait(...wanted);
    } catch (error) {
      const text = await page.locator('body').innerText({ timeout: 1000 }).catch(() => 'nothing');
      throw new Error(`${error.message}\n${page.url()} shows:\n${text}`, { cause: error.cause });
    }
  };
}

/**
 * Keeps the next request to such an address from being sent and gives the address. Playwright's own routes don't
 * see where a redirect leads.
 */
export async function catchNavigation(page, pattern) {
  const session = await page.context().newCDPSession(page);
  await session.send('Fetch.enable', { patterns: [{ urlPattern: pattern }] });
  const { requestId, request } = await new Promise((caught) => session.once('Fetch.requestPaused', caught));
  await session.send('Fetch.failRequest', { requestId, errorReason: 'Aborted' });
  await session.detach();
  return request.url;
}

/** Pictures of a page in light, dark and on a phone, into target/screenshots. */
export async function screenshots(page, name) {
  mkdirSync(SCREENSHOTS, { recursive: true });
  const shot = (look) => page.screenshot({ path: join(SCREENSHOTS, `${name}-${look}.png`), fullPage: true });
  await page.emulateMedia({ colorScheme: 'light' });
  await shot('light');
  await page.emulateMedia({ colorScheme: 'dark' });
  await shot('dark');
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize(NARROW);
  await shot('360');
  await page.setViewportSize(WIDE);
}

/**
 * What is wrong with a page for the people of product.md: with a screen reader, in dark mode, on a phone.
 * An empty list is a good page. The page has to be one in which scripts may run.
 */
export async function faults(page) {
  const found = [];
  const axe = await readFile(require.resolve('axe-core/axe.min.js'), 'utf8');
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    // Through the debugger, so the page's own policy about scripts stays as it is.
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => globalThis.axe.run());
    found.push(...violations.map(({ id, nodes }) => `${colorScheme}: ${id} at ${nodes.map((n) => n.target)}`));
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize(NARROW);
  const tooWide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  if (tooWide > 0) found.push(`${tooWide} px too wide for a phone`);
  await page.setViewportSize(WIDE);
  return found;
}

/** For one step, in milliseconds. Two cores that compile at the same time are slow. */
const LONGEST_WAIT = 45_000;
const FLAGS = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-gpu',
  '--disable-quic',
  '--disable-sync',
  '--no-first-run',
];
const WIDE = { width: 1000, height: 800 };
const NARROW = { width: 360, height: 740 };
const SCREENSHOTS = join(root, 'target/screenshots');
