// The `countersign demo` command for one test file.

import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

import { root, start } from './program.mjs';

/** Starts `countersign demo` with these arguments on a free port unless they name one; `address` is its application's. */
export async function startDemo(args = [], env = {}) {
  const binary = process.env.COUNTERSIGN_BIN ?? join(root, 'target/debug/countersign');
  if (!existsSync(binary)) throw new Error(`${binary} does not exist: run \`cargo xtask test browser\``);
  const listen = args.includes('--listen') ? [] : ['--listen', '127.0.0.1:0'];
  return start(binary, ['demo', ...listen, ...args], openAddress, env);
}

/** A port that nobody listens on, for settings that must name the port before it is bound. */
export async function freePort() {
  const server = createServer();
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  const { port } = server.address();
  await new Promise((closed) => server.close(closed));
  return port;
}

/** "Open http://127.0.0.1:3000/ …": the address that the command asks a person to open. */
function openAddress(line) {
  const found = /\bopen\b\W+(https?:\/\/[^\s/]+)/i.exec(line);
  return found ? { address: found[1] } : undefined;
}

/** Presses the development provider's button of this person. */
export async function logInAtDevProvider(page, name) {
  await page.getByRole('button', { name: new RegExp(name, 'i') }).first().click();
}
