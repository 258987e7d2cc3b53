// The same work behind routes of Hono that hand over node's own request and response.
import { serve } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { Hono } from 'hono';
import { forward, plainSink } from './dispatch.mjs';
import { collect, port } from './shared.mjs';
import { spliceModel } from './splice.mjs';

const app = new Hono();
app.post('/v1/*', (context) => {
  const { incoming, outgoing } = context.env;
  collect(incoming, (parts) => forward(incoming, outgoing, spliceModel(parts), plainSink));
  return RESPONSE_ALREADY_SENT;
});
serve({ fetch: app.fetch, port, hostname: '127.0.0.1' });
