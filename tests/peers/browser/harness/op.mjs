// npm's oidc-provider for one test file.

import { fileURLToPath } from 'node:url';

import { start } from './program.mjs';

/** Starts it with settings of ../../node/op/settings.mjs. */
export async function startOp(settings = {}) {
  const program = fileURLToPath(new URL('../../node/op.mjs', import.meta.url));
  const ready = (line) => (line.startsWith('{') ? JSON.parse(line) : undefined);
  const op = await start(process.execPath, [program, JSON.stringify(settings)], ready);
  const control = async (what, body = {}) => {
    const answer = await fetch(`${op.issuer}/control/${what}`, { method: 'POST', body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`control ${what}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  };
  return { ...op, control };
}

/** Fills in the provider's login page, which must be what the page shows. */
export async function logInAtOp(page, name) {
  await page.getByLabel('User name').fill(name);
  await page.getByLabel('Password').fill('any');
  await page.getByRole('button', { name: 'Log in' }).click();
}

/** Confirms the provider's logout page. */
export async function confirmLogoutAtOp(page) {
  await page.getByRole('button', { name: 'Yes, log me out' }).click();
}
