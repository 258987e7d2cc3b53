// The smallest proxy that works: node:http piped both ways. No token, no routing, no accounting.
import http from 'node:http';
import { onward, port, upstreamPort } from './shared.mjs';

const agent = new http.Agent({ keepAlive: true, maxFreeSockets: 2048 });
const server = http.createServer((request, response) => {
  const out = http.request(
    {
      host: '127.0.0.1',
      port: upstreamPort,
      path: request.url,
      method: request.method,
      headers: onward(request.headers),
      agent,
    },
    (answer) => {
      response.writeHead(answer.statusCode, onward(answer.headers));
      answer.pipe(response);
    },
  );
  out.on('error', () => response.destroy());
  response.on('close', () => response.writableFinished || out.destroy());
  request.pipe(out);
});
server.listen(port, '127.0.0.1');
