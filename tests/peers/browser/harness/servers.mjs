// Small servers that stand where a test needs somebody to stand.

import http from 'node:http';

/** Answers everything with one line. */
export function startListener(body) {
  return serve((_request, response) => response.end(body));
}

/** A proxy that loses the cookies on their way to the application, as misconfigured ones do. */
export function startCookieEater(target) {
  return serve((request, response) => {
    const { cookie, ...headers } = request.headers;
    const onward = http.request(new URL(request.url, target), { method: request.method, headers }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', (error) => response.writeHead(502).end(error.message));
    request.pipe(onward);
  });
}

async function serve(answer) {
  const server = http.createServer(answer);
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  const stop = async () => {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  };
  return { address: `http://127.0.0.1:${server.address().port}`, stop };
}
