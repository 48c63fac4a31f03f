// Signing keys, new ones with each call.

import { generateKeyPairSync, randomUUID } from 'node:crypto';

/** A private key set for RS256, PS256, ES256 and EdDSA. */
export function newKeys() {
  const { privateKey: rsa } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const { privateKey: ec } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { privateKey: okp } = generateKeyPairSync('ed25519');
  return [rsa, ec, okp].map((key) => ({ ...key.export({ format: 'jwk' }), use: 'sig', kid: randomUUID() }));
}
