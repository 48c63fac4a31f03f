// Child processes that end with the test.

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** The root of the repository. */
export const root = fileURLToPath(new URL('../../../../', import.meta.url));

/**
 * Starts a program and waits until `ready` makes something of a line that it prints.
 * Gives what it made, and `stop` and `output` besides.
 */
export async function start(command, args, ready, env = {}) {
  const child = spawn(command, args, {
    cwd: root,
    env: { ...process.env, ...env },
    // Standard input stays open: closing it is how some of them are told to end.
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const lines = [];
  const stop = () => stopped(child);
  let timer;
  const found = await new Promise((resolve, reject) => {
    const fail = (why) => reject(new Error(`${command} ${args.join(' ')}: ${why}\n${lines.join('\n')}`));
    timer = setTimeout(() => fail(`not ready within ${LONGEST_START} ms`), LONGEST_START);
    const read = (stream, each) => createInterface({ input: stream }).on('line', each);
    for (const stream of [child.stdout, child.stderr]) {
      read(stream, (line) => {
        lines.push(line);
        const value = ready(line);
        if (value !== undefined) resolve(value);
      });
    }
    child.once('error', (error) => fail(error.message));
    child.once('exit', (code, signal) => fail(`ended with ${code ?? signal}`));
  })
    .catch(async (error) => {
      await stop();
      throw error;
    })
    .finally(() => clearTimeout(timer));
  return { ...found, stop, output: () => lines.join('\n') };
}

async function stopped(child) {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 5000);
  await ended;
  clearTimeout(timer);
}

const LONGEST_START = 60_000;
