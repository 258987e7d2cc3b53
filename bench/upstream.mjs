// A fast fake provider: answers Chat requests at once, whole or as a stream of 200 chunks.
import http from 'node:http';

const CHUNKS = 200;
const answer = Buffer.from(
  JSON.stringify({
    id: 'chatcmpl-bench',
    object: 'chat.completion',
    created: 1,
    model: 'bench',
    choices: [{ index: 0, message: { role: 'assistant', content: 'x'.repeat(600) }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 100, completion_tokens: 150, total_tokens: 250 },
  }),
);
const event = (value) => `data: ${typeof value === 'string' ? value : JSON.stringify(value)}\n\n`;
const piece = (delta, finish = null) => ({
  id: 'chatcmpl-bench',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'bench',
  choices: [{ index: 0, delta, finish_reason: finish }],
});
const chunk = Buffer.from(event(piece({ content: 'word ' })));
const head = Buffer.from(event(piece({ role: 'assistant', content: '' })));
const tail = Buffer.from(
  event(piece({}, 'stop')) +
    event({
      ...piece({}),
      choices: [],
      usage: { prompt_tokens: 100, completion_tokens: CHUNKS, total_tokens: 100 + CHUNKS },
    }) +
    event('[DONE]'),
);

const server = http.createServer((request, response) => {
  let last = '';
  request.on('data', (bytes) => {
    // `"stream":true` stands at the beginning of every body that the bench sends.
    if (last === '') last = bytes.subarray(0, 400).toString('latin1');
  });
  request.on('end', () => {
    if (!last.includes('"stream":true')) {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': answer.length });
      return response.end(answer);
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(head);
    for (let i = 0; i < CHUNKS; i++) response.write(chunk);
    response.end(tail);
  });
});
server.listen(0, '127.0.0.1', () => process.send?.({ port: server.address().port }));
