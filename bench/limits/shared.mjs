// What the raw pipes share: which headers are a hop's own, and how they are told their ports.
const HOP = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'te',
  'trailer',
  'upgrade',
  'host',
  'expect',
]);

export const upstreamPort = Number(process.env.UPSTREAM_PORT);
export const port = Number(process.env.PORT);

/** The headers that go on to the next hop; `dropped` names one more that does not. */
export function onward(headers, dropped) {
  const kept = {};
  for (const name in headers) if (!HOP.has(name) && name !== dropped) kept[name] = headers[name];
  return kept;
}

/** Collects a request's body and calls `done(parts)`. */
export function collect(request, done) {
  const parts = [];
  request.on('data', (bytes) => parts.push(bytes));
  request.on('end', () => done(parts));
}
