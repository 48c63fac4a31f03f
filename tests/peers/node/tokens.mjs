// npm's jose as a maker and as a judge of tokens.
//
//   node tokens.mjs mint      prints tokens, good ones and each kind of bad ones, a JSON line for each
//   node tokens.mjs verify    reads lines {token, jwk | secret} and prints for each what the token says, or why not
//
// A line of `mint`: {name, alg, token, jwks, secret, payload, refused}. `jwks` is the published set, `secret` the
// shared one where there is one; `refused` is null or the code of the error that the token must meet.

import { constants, createPublicKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { text } from 'node:stream/consumers';

import {
  base64url,
  CompactEncrypt,
  compactVerify,
  exportJWK,
  FlattenedSign,
  generateKeyPair,
  GeneralSign,
  importJWK,
  SignJWT,
  UnsecuredJWT,
} from 'jose';

const now = Math.floor(Date.now() / 1000);
const CLAIMS = {
  iss: 'https://issuer.example.test',
  aud: 'https://api.example.test',
  sub: 'ada',
  client_id: 'some-client',
  jti: 'a-token',
  iat: now,
  exp: now + 3600,
  scope: 'notes:read notes:write',
  realm_access: { roles: ['editor', 'Käse', '𝄞'] },
};
const BYTES = new TextEncoder().encode(JSON.stringify(CLAIMS));

/** Every algorithm that a public key checks, and what generates its key. */
const SIGNATURES = {
  RS256: {},
  RS384: {},
  RS512: {},
  PS256: {},
  PS384: {},
  PS512: {},
  ES256: {},
  ES384: {},
  ES512: {},
  EdDSA: { crv: 'Ed25519' },
  Ed25519: {},
};

async function mint() {
  const keys = {};
  for (const [alg, options] of Object.entries(SIGNATURES)) {
    const pair = await generateKeyPair(alg, { extractable: true, ...options });
    const jwk = { ...(await exportJWK(pair.publicKey)), kid: `key of ${alg}`, alg, use: 'sig' };
    keys[alg] = { ...pair, jwk };
  }
  const published = { keys: Object.values(keys).map(({ jwk }) => jwk) };
  const print = (name, alg, token, { jwks = published, secret, payload = CLAIMS, refused = null } = {}) => {
    const shared = secret ? Buffer.from(secret).toString() : null;
    console.log(JSON.stringify({ name, alg, token, jwks, secret: shared, payload, refused }));
  };
  const header = (alg, more = {}) => ({ alg, kid: `key of ${alg}`, typ: 'at+jwt', ...more });
  const signed = (alg, more, key = keys[alg].privateKey) =>
    new SignJWT(CLAIMS).setProtectedHeader(header(alg, more)).sign(key);

  // Good ones: with the key's name, without it, with keys and text that nobody should follow.
  for (const [alg, { jwk }] of Object.entries(keys)) {
    print(`${alg}`, alg, await signed(alg));
    const { kid, ...nameless } = jwk;
    const nothing = { kid: undefined };
    print(`${alg} without a kid`, alg, await signed(alg, nothing), { jwks: { keys: [nameless] } });
    const { alg: _, use: __, ...bare } = jwk;
    print(`${alg} by a key without alg and use`, alg, await signed(alg), { jwks: { keys: [bare] } });
  }
  for (const [alg, bytes] of [['HS256', 32], ['HS384', 48], ['HS512', 64]]) {
    const secret = written(bytes);
    print(alg, alg, await signed(alg, {}, secret), { secret });
    print(`${alg} with another secret`, alg, await signed(alg, {}, written(bytes)), {
      secret,
      refused: 'jws.signature',
    });
  }
  const others = { x5t: 'AAAA', 'x5t#S256': 'AAAA', cty: 'json', unheard_of: [1, { of: null }] };
  print('members of the header that decide nothing', 'ES256', await signed('ES256', others));

  // Of each kind of key: somebody else's signature under the same name, a bit of payload changed, no such name.
  for (const alg of Object.keys(keys)) {
    const stranger = await generateKeyPair(alg, { extractable: true, ...SIGNATURES[alg] });
    print(`${alg} by a stranger`, alg, await signed(alg, {}, stranger.privateKey), { refused: 'jws.signature' });
    const jwk = await exportJWK(stranger.publicKey);
    const brought = { jwk, jku: 'http://127.0.0.1:9/jwks', x5u: 'http://127.0.0.1:9/x5u' };
    print(`${alg} by a key that it brings along`, alg, await signed(alg, brought, stranger.privateKey), {
      refused: 'jws.signature',
    });
    const unknown = await signed(alg, { kid: 'nobody' });
    print(`${alg} with an unknown kid`, alg, unknown, { refused: 'keys.unknown' });
    const [head, , signature] = (await signed(alg)).split('.');
    const forged = base64url.encode(JSON.stringify({ ...CLAIMS, sub: 'eve' }));
    print(`${alg} with another payload`, alg, `${head}.${forged}.${signature}`, { refused: 'jws.signature' });
    print(`${alg} without its signature`, alg, `${head}.${forged}.`, { refused: 'jws.signature' });
  }

  const unsecured = new UnsecuredJWT(CLAIMS).encode();
  print('none', 'none', unsecured, { refused: 'jws.algorithm' });
  for (const alg of ['None', 'NONE', 'nOnE', '']) {
    const token = `${base64url.encode(JSON.stringify({ alg }))}.${unsecured.split('.')[1]}.`;
    print(`none as ${JSON.stringify(alg)}`, alg, token, { refused: 'jws.algorithm' });
  }

  // The public key, which everybody knows, taken for a shared secret.
  for (const alg of ['RS256', 'ES256', 'EdDSA']) {
    const key = createPublicKey({ key: keys[alg].jwk, format: 'jwk' });
    const forms = {
      PEM: key.export({ format: 'pem', type: 'spki' }),
      'PEM without the last line break': key.export({ format: 'pem', type: 'spki' }).trimEnd(),
      DER: key.export({ format: 'der', type: 'spki' }),
      'JWK text': JSON.stringify(keys[alg].jwk),
      'first number': Buffer.from(keys[alg].jwk.n ?? keys[alg].jwk.x, 'base64url'),
    };
    if (alg === 'RS256') forms['PKCS #1 PEM'] = key.export({ format: 'pem', type: 'pkcs1' });
    for (const [form, secret] of Object.entries(forms)) {
      const token = await signed('HS256', { kid: `key of ${alg}` }, new Uint8Array(Buffer.from(secret)));
      print(`HS256 by the ${form} of the ${alg} key`, 'HS256', token, { refused: 'jws.algorithm_not_allowed' });
    }
  }

  // Extensions that change what is signed.
  const critical = await new SignJWT(CLAIMS)
    .setProtectedHeader(header('ES256', { crit: ['urn:example:more'], 'urn:example:more': true }))
    .sign(keys.ES256.privateKey, { crit: { 'urn:example:more': true } });
  print('crit', 'ES256', critical, { refused: 'jws.critical' });
  const unencoded = await new FlattenedSign(new TextEncoder().encode('{"sub":"ada"}'))
    .setProtectedHeader(header('ES256', { b64: false, crit: ['b64'] }))
    .sign(keys.ES256.privateKey);
  const plain = `${unencoded.protected}.{"sub":"ada"}.${unencoded.signature}`;
  print('b64 false', 'ES256', plain, { refused: 'jws.critical' });
  print('b64 false, detached', 'ES256', `${unencoded.protected}..${unencoded.signature}`, {
    refused: 'jws.critical',
  });
  print('zip', 'ES256', await signed('ES256', { zip: 'DEF' }), { refused: 'jws.critical' });

  // Other serialisations and what they hold.
  const flattened = await new FlattenedSign(BYTES)
    .setProtectedHeader(header('ES256'))
    .sign(keys.ES256.privateKey);
  print('flattened JSON', 'ES256', JSON.stringify(flattened), { refused: 'jws.malformed' });
  const general = new GeneralSign(BYTES);
  for (const alg of ['ES256', 'RS256']) {
    general.addSignature(keys[alg].privateKey).setProtectedHeader(header(alg));
  }
  print('general JSON', 'ES256', JSON.stringify(await general.sign()), { refused: 'jws.malformed' });
  const detached = `${flattened.protected}..${flattened.signature}`;
  print('detached payload', 'ES256', detached, { refused: 'jws.signature' });
  const nested = await compact(await signed('ES256'), header('ES256', { cty: 'JWT' }), keys.ES256.privateKey);
  print('a token in a token', 'ES256', nested, { refused: 'jws.malformed' });
  const list = await compact(JSON.stringify([CLAIMS]), header('ES256'), keys.ES256.privateKey);
  print('a list instead of claims', 'ES256', list, { refused: 'jws.malformed' });
  const twice = await compact('{"sub":"ada","sub":"eve"}', header('ES256'), keys.ES256.privateKey);
  print('a claim twice', 'ES256', twice, { refused: 'jws.malformed' });

  // Encrypted ones.
  for (const [alg, by] of [['RSA-OAEP', 'RS256'], ['RSA-OAEP-256', 'RS256'], ['ECDH-ES', 'ES256']]) {
    const key = await importJWK({ ...keys[by].jwk, alg, use: 'enc' }, alg);
    const token = await new CompactEncrypt(BYTES)
      .setProtectedHeader({ alg, enc: 'A256GCM', kid: keys[by].jwk.kid })
      .encrypt(key);
    print(`encrypted with ${alg}`, alg, token, { refused: 'jws.encrypted' });
  }

  // What the library refuses to make itself; Node's own cryptography signs.
  const { privateKey: short, publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'short', alg: 'RS256', use: 'sig' };
  const byShort = byHand({ alg: 'RS256', kid: 'short' }, 'sha256', short);
  print('RS256 by 1024 bits', 'RS256', byShort, { jwks: { keys: [jwk] }, refused: 'keys.unknown' });
  const other = byHand({ alg: 'RS256', kid: 'key of PS256' }, 'sha256', keys.PS256.privateKey);
  print('RS256 by a key for PS256', 'RS256', other, { refused: 'keys.unknown' });
  const salted = byHand(header('PS256'), 'sha256', {
    key: keys.PS256.privateKey,
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: 0,
  });
  print('PS256 with a salt of another length', 'PS256', salted, { refused: 'jws.signature' });
  const der = byHand(header('ES256'), 'sha256', { key: keys.ES256.privateKey, dsaEncoding: 'der' });
  print('ES256 with a DER signature', 'ES256', der, { refused: 'jws.signature' });
  const sha1 = byHand(header('RS256'), 'sha1', keys.RS256.privateKey);
  print('RS256 over SHA-1', 'RS256', sha1, { refused: 'jws.signature' });
}

/** A secret as providers issue them: text, and its octets are the key. */
function written(bytes) {
  return new TextEncoder().encode(randomBytes(bytes).toString('base64url'));
}

async function compact(payload, header, key) {
  const bytes = new TextEncoder().encode(payload);
  const parts = await new FlattenedSign(bytes).setProtectedHeader(header).sign(key);
  return `${parts.protected}.${parts.payload}.${parts.signature}`;
}

function byHand(header, hash, key) {
  const input = [header, CLAIMS].map((part) => base64url.encode(JSON.stringify(part))).join('.');
  return `${input}.${sign(hash, Buffer.from(input), key).toString('base64url')}`;
}

async function verify() {
  for (const line of (await text(process.stdin)).split('\n').filter(Boolean)) {
    const { token, jwk, secret } = JSON.parse(line);
    try {
      const key = secret ? new TextEncoder().encode(secret) : await importJWK(jwk);
      const { payload, protectedHeader } = await compactVerify(token, key);
      const said = JSON.parse(new TextDecoder().decode(payload));
      console.log(JSON.stringify({ header: protectedHeader, payload: said, error: null }));
    } catch (error) {
      console.log(JSON.stringify({ header: null, payload: null, error: `${error.code}: ${error.message}` }));
    }
  }
}

await { mint, verify }[process.argv[2]]();
