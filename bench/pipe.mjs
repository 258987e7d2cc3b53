// The smallest proxy that works: node:http piped both ways. No token, no routing, no accounting.
import http from 'node:http';

const upstream = new URL(process.argv[2]);
const agent = new http.Agent({ keepAlive: true });
const server = http.createServer((request, response) => {
  const { host: _host, connection: _connection, ...headers } = request.headers;
  const out = http.request(
    {
      host: upstream.hostname,
      port: upstream.port,
      path: request.url,
      method: request.method,
      headers,
      agent,
    },
    (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    },
  );
  out.on('error', () => response.destroy());
  request.pipe(out);
});
server.listen(0, '127.0.0.1', () => process.send?.({ port: server.address().port }));
