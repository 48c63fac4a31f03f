// npm's oidc-provider as a peer for tests: one process, one loopback port, everything in memory.
//
//   node op.mjs '{"redirectUris": ["http://127.0.0.1:3000/auth/callback"]}'
//
// The settings (op/settings.mjs) come as JSON, as the argument or in COUNTERSIGN_OP_SETTINGS. When the provider
// answers, one JSON line says where it is and which clients it knows; when standard input closes, it ends, so
// that it never outlives the test that started it.

import http from 'node:http';

import { readSettings } from './op/settings.mjs';

// The library's notices about defaults that would be wrong in production say nothing about a test.
console.info = () => {};
console.warn = () => {};
const { Peer } = await import('./op/peer.mjs');

const settings = readSettings(process.argv[2] ?? process.env.COUNTERSIGN_OP_SETTINGS ?? '{}');
const server = http.createServer();
await new Promise((ready, failed) => {
  server.once('error', failed);
  server.listen(settings.port, '127.0.0.1', ready);
});
const { port } = server.address();
const peer = await Peer.start(`http://127.0.0.1:${port}`, settings);
server.on('request', (request, response) => peer.handle(request, response));

console.log(JSON.stringify({ issuer: peer.issuer, port, clients: peer.clients() }));

process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
process.stdin.on('error', () => process.exit(0));
