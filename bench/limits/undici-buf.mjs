// node:http in, undici out; the body is collected and sent as it is, every chunk of the answer is written as it comes.
import http from 'node:http';
import { forward, plainSink } from './dispatch.mjs';
import { collect, port } from './shared.mjs';

http
  .createServer((request, response) =>
    collect(request, (parts) =>
      forward(request, response, parts.length === 1 ? parts[0] : Buffer.concat(parts), plainSink),
    ),
  )
  .listen(port, '127.0.0.1');
