// npm's oauth2-mock-server as a second issuer: signs whatever claims a test wants, checks nobody.
//
//   node mock.mjs '{"algs": ["RS256"]}'
//
// When it answers, one JSON line says where it is; when standard input closes, it ends. Beside the library's
// addresses it has these, all POST and with JSON in and out:
//
//   /control/token {"claims": {…}, "header": {…}, "kid": "…"}   a token; a claim that is null is left out
//   /control/rotate-keys {}                     signs with new keys; the old ones vanish from the key set
//   /control/introspection {"active": true, …}  what introspection answers to everything from here on
//   /control/weather {"down": false}            answers everything with 503
//   /control/requests {}                        how often each path has been asked for, by "METHOD /path"

import http from 'node:http';
import { text } from 'node:stream/consumers';

import { OAuth2Issuer, OAuth2Service } from 'oauth2-mock-server';

const { algs = ['RS256'] } = JSON.parse(process.argv[2] ?? '{}');
const requests = new Map();
let weather = { down: false };
let introspection = { active: false };
let url;
let service;

async function renew() {
  const issuer = new OAuth2Issuer();
  issuer.url = url;
  for (const alg of algs) await issuer.keys.generate(alg);
  service = new OAuth2Service(issuer);
  service.on('beforeIntrospect', (answer) => {
    answer.body = introspection;
  });
}

const server = http.createServer(async (request, response) => {
  const { pathname } = new URL(request.url, url);
  if (pathname.startsWith('/control/')) {
    const wanted = JSON.parse((await text(request)) || '{}');
    const answer = await control(pathname, wanted);
    response.writeHead(200, { 'content-type': 'application/json' });
    return response.end(JSON.stringify(answer));
  }
  const key = `${request.method} ${pathname}`;
  requests.set(key, (requests.get(key) ?? 0) + 1);
  if (weather.down) {
    response.writeHead(503);
    return response.end();
  }
  return service.requestHandler(request, response);
});

async function control(pathname, wanted) {
  switch (pathname) {
    case '/control/token':
      return { token: await token(wanted) };
    case '/control/rotate-keys':
      await renew();
      return { kids: service.issuer.keys.toJSON().map(({ kid }) => kid) };
    case '/control/introspection':
      introspection = wanted;
      return introspection;
    case '/control/weather':
      weather = { ...weather, ...wanted };
      return weather;
    case '/control/requests':
      return Object.fromEntries(requests);
    default:
      throw new Error(`no control address ${pathname}`);
  }
}

function token({ claims = {}, header = {}, kid }) {
  return service.issuer.buildToken({
    kid,
    scopesOrTransform: (head, payload) => {
      Object.assign(head, header);
      Object.assign(payload, claims);
      for (const name of Object.keys(payload)) if (payload[name] === null) delete payload[name];
    },
  });
}

await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
url = `http://127.0.0.1:${server.address().port}`;
await renew();
console.log(JSON.stringify({ issuer: url, clients: {} }));

process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
process.stdin.on('error', () => process.exit(0));
