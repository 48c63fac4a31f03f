// A provider together with its login page and what tests do to it from outside.

import { randomBytes } from 'node:crypto';
import { text } from 'node:stream/consumers';

import { credentials, staticClients } from './clients.mjs';
import { newKeys } from './keys.mjs';
import { loginPage } from './pages.mjs';
import { newProvider } from './provider.mjs';

/**
 * The control addresses, all POST and with JSON in and out:
 *
 *   /control/rotate-keys {"keep": false}  signs with new keys; the old ones stay published with "keep": true
 *   /control/settings {"ttl": {…}}        changes settings from here on; sessions and grants stay
 *   /control/weather {"down": false, "delay": 0}   answers everything with 503, or later by some milliseconds
 *   /control/requests {}                  how often each path has been asked for, by "METHOD /path"
 */
export class Peer {
  #settings;
  #keys = newKeys();
  #cookieKeys = [randomBytes(32).toString('hex')];
  #provider;
  #requests = new Map();
  #weather = { down: false, delay: 0 };

  static async start(issuer, settings) {
    const peer = new Peer();
    peer.issuer = issuer;
    peer.#settings = settings;
    peer.#renew();
    return peer;
  }

  /** Credentials by the client's name. */
  clients() {
    const clients = staticClients(this.#settings).map(credentials);
    return Object.fromEntries(clients.map((client) => [client.client_id.replace(/^client-/, ''), client]));
  }

  /** Answers one request, whatever it is. */
  async handle(request, response) {
    try {
      const { pathname } = new URL(request.url, this.issuer);
      if (pathname.startsWith('/control/')) return await this.#control(pathname, request, response);
      const key = `${request.method} ${pathname}`;
      this.#requests.set(key, (this.#requests.get(key) ?? 0) + 1);
      if (this.#weather.delay > 0) await new Promise((over) => setTimeout(over, this.#weather.delay));
      if (this.#weather.down) return send(response, 503, 'text/plain', 'down, as a test wants it');
      if (pathname.startsWith('/interaction/')) return await this.#interact(request, response);
      return this.#provider.callback()(request, response);
    } catch (error) {
      // A login page left open past its life is an everyday thing, not a fault of this program.
      const gone = error.name === 'SessionNotFound';
      if (!gone) console.error('peer:', error);
      return send(response, gone ? 400 : 500, 'text/plain', `${error.name}: ${error.message}`);
    }
  }

  #renew() {
    this.#provider = newProvider(this.issuer, this.#settings, this.#keys, this.#cookieKeys);
  }

  async #interact(request, response) {
    const { uid, prompt, params, session, grantId } = await this.#provider.interactionDetails(request, response);
    const finish = (result) =>
      this.#provider.interactionFinished(request, response, result, { mergeWithLastSubmission: true });
    if (prompt.name === 'consent') {
      return finish({ consent: { grantId: grantId ?? (await this.#grant(params, session)) } });
    }
    if (request.method !== 'POST') {
      const client = await this.#provider.Client.find(params.client_id);
      const name = client.clientName ?? client.clientId;
      const page = loginPage({ action: `/interaction/${uid}`, client: name, hint: params.login_hint });
      return send(response, 200, 'text/html; charset=utf-8', page);
    }
    const answer = new URLSearchParams(await text(request));
    if (answer.get('answer') === 'cancel') {
      return finish({ error: 'access_denied', error_description: 'The person has cancelled the login' });
    }
    const accountId = (answer.get('username') ?? '').trim();
    if (!accountId) return send(response, 400, 'text/plain', 'a user name is needed');
    const acr = params.acr_values?.split(' ')[0];
    return finish({ login: { accountId, acr, amr: ['pwd'] } });
  }

  async #grant(params, session) {
    const grant = new this.#provider.Grant({ clientId: params.client_id, accountId: session.accountId });
    grant.addOIDCScope(params.scope);
    return grant.save();
  }

  async #control(pathname, request, response) {
    const body = await text(request);
    const wanted = body ? JSON.parse(body) : {};
    const answer = (value) => send(response, 200, 'application/json', JSON.stringify(value));
    if (request.method !== 'POST') return send(response, 405, 'text/plain', 'POST only');
    switch (pathname) {
      case '/control/rotate-keys': {
        // The library signs with the first key that fits.
        const fresh = newKeys();
        this.#keys = wanted.keep ? [...fresh, ...this.#keys] : fresh;
        this.#renew();
        return answer({ kids: this.#keys.map((key) => key.kid) });
      }
      case '/control/settings':
        this.#settings = { ...this.#settings, ...wanted };
        this.#renew();
        return answer({ clients: this.clients() });
      case '/control/weather':
        this.#weather = { ...this.#weather, ...wanted };
        return answer(this.#weather);
      case '/control/requests':
        return answer(Object.fromEntries(this.#requests));
      default:
        return send(response, 404, 'text/plain', `no control address ${pathname}`);
    }
  }
}

function send(response, status, type, body) {
  if (response.headersSent) return response.end();
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' });
  response.end(body);
}
