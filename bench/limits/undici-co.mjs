// What a gateway must do at the least: the model spliced, usage from the tail, the chunks of one tick joined.
import http from 'node:http';
import { forward, joiningSink } from './dispatch.mjs';
import { collect, port } from './shared.mjs';
import { spliceModel } from './splice.mjs';

http
  .createServer((request, response) =>
    collect(request, (parts) => forward(request, response, spliceModel(parts), joiningSink)),
  )
  .listen(port, '127.0.0.1');
