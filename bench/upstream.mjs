// A fast fake provider that speaks Chat over bare sockets, with answers made before they are asked for, so that the machine's
// time is the target's. The model says what to answer: `mock-200x0` 200 chunks at once, `mock-200x5` one per 5 ms, the
// first at once, with the sender's clock inside, `line-N` one SSE line of N bytes, `bytes-N` N bytes of JSON in HTTP chunks
// of one byte.
import net from 'node:net';
import { createRequestReader } from './requests.mjs';

const event = (value) => `data: ${typeof value === 'string' ? value : JSON.stringify(value)}\n\n`;
const piece = (delta, finish = null) => ({
  id: 'chatcmpl-bench',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'bench',
  choices: [{ index: 0, delta, finish_reason: finish }],
});
const usage = (output) => ({ prompt_tokens: 100, completion_tokens: output, total_tokens: 100 + output });
const httpChunk = (text) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
const END = '0\r\n\r\n';
const headOf = (type, framing) => `HTTP/1.1 200 OK\r\ncontent-type: ${type}\r\n${framing}\r\n\r\n`;
const CHUNKED = 'transfer-encoding: chunked';
const FIRST = httpChunk(event(piece({ role: 'assistant', content: '' })));
const last = (output) =>
  httpChunk(event(piece({}, 'stop'))) +
  httpChunk(event({ ...piece({}), choices: [], usage: usage(output) })) +
  httpChunk(event('[DONE]')) +
  END;
const STREAM_HEAD = headOf('text/event-stream', CHUNKED);

const completion = (content) =>
  JSON.stringify({
    id: 'chatcmpl-bench',
    object: 'chat.completion',
    created: 1,
    model: 'bench',
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
    usage: usage(150),
  });
const whole = (json) =>
  Buffer.from(headOf('application/json', `content-length: ${Buffer.byteLength(json)}`) + json);
const byteByByte = (json) =>
  Buffer.from(headOf('application/json', CHUNKED) + json.replace(/./g, '1\r\n$&\r\n') + END);

const made = new Map();
/** The bytes of an answer, made once. */
function once(key, make) {
  if (!made.has(key)) made.set(key, make());
  return made.get(key);
}

const stampedChunk = () => httpChunk(event(piece({ content: `t=${process.hrtime.bigint() / 1000n} ` })));

function paced(socket, count, paceMs) {
  socket.write(STREAM_HEAD + FIRST + stampedChunk());
  let sent = 1;
  const timer = setInterval(() => {
    socket.write(stampedChunk());
    if (++sent < count) return;
    clearInterval(timer);
    socket.write(last(count));
  }, paceMs);
  socket.once('close', () => clearInterval(timer));
}

const burst = (count) =>
  Buffer.from(
    STREAM_HEAD + FIRST + httpChunk(event(piece({ content: 'word ' }))).repeat(count) + last(count),
  );

const answers = {
  mock(socket, stream, count, paceMs) {
    if (!stream) socket.write(once('whole', () => whole(completion('x'.repeat(600)))));
    else if (paceMs > 0) paced(socket, count, paceMs);
    else socket.write(once(`burst ${count}`, () => burst(count)));
  },
  line(socket, _stream, bytes) {
    const line = () => httpChunk(event(piece({ content: 'x'.repeat(bytes) })));
    socket.write(once(`line ${bytes}`, () => Buffer.from(STREAM_HEAD + FIRST + line() + last(1))));
  },
  bytes(socket, _stream, bytes) {
    socket.write(once(`bytes ${bytes}`, () => byteByByte(completion('x'.repeat(bytes)))));
  },
};

const NAMED = /(mock|line|bytes)-(\d+)(?:x(\d+))?/;

/** Model and `stream` stand at the beginning of every body that the bench sends, unless a target moves them. */
function answer(socket, body) {
  const start = body.latin1Slice(0, 400);
  const found = NAMED.exec(start) ?? NAMED.exec(body.latin1Slice());
  if (!found) return socket.destroy();
  const [, kind, size, pace] = found;
  const at = body.indexOf('"stream":');
  const stream =
    at >= 0 &&
    body
      .latin1Slice(at + 9, at + 14)
      .trimStart()
      .startsWith('true');
  answers[kind](socket, stream, Number(size), Number(pace ?? 0));
}

const server = net.createServer({ noDelay: true }, (socket) => {
  socket.on(
    'data',
    createRequestReader((body) => answer(socket, body)),
  );
  socket.on('error', () => socket.destroy());
});
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () =>
  process.send?.({ port: server.address().port }),
);
process.on('disconnect', () => process.exit());
