// The example applications of python/examples for one test file.

import { join } from 'node:path';

import { root, start } from './program.mjs';

/** Serves python/examples/NAME/app.py at this port; `address` is where. */
export async function startExample(name, port, env = {}) {
  const python = process.env.COUNTERSIGN_PYTHON;
  if (!python) throw new Error('COUNTERSIGN_PYTHON names no Python: run `cargo xtask test browser`');
  const file = join(root, 'python/examples', name, 'app.py');
  const args = ['-m', 'flask', '--app', file, 'run', '--host', '127.0.0.1', '--port', String(port)];
  return start(python, args, (line) => {
    const found = /Running on (http:\/\/[^\s/]+)/.exec(line);
    return found ? { address: found[1] } : undefined;
  }, { PYTHONUNBUFFERED: '1', ...env });
}
