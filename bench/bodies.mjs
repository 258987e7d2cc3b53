// Requests as agents send them: a system text, tools, and a conversation with calls and their results, of a given size.
const WORDS =
  'The build failed in "src/index.ts":\n\tline 12 — expected `;` but found C:\\temp\\x. Try again. ';
const text = (bytes) => WORDS.repeat(Math.ceil(bytes / WORDS.length)).slice(0, bytes);
const SCHEMA = {
  type: 'object',
  properties: { path: { type: 'string', description: text(80) }, limit: { type: 'integer' } },
  required: ['path'],
};
const TOOL_COUNT = 12;
/** Smaller bodies are one short question; larger ones have tools and a conversation. */
const SMALL_BYTES = 4000;
const TURN_BYTES = 3000;

const WIRES = {
  chat: {
    head: (model, stream) => ({
      model,
      stream,
      ...(stream ? { stream_options: { include_usage: true } } : {}),
      max_tokens: 4096,
    }),
    tool: (name) => ({ type: 'function', function: { name, description: text(200), parameters: SCHEMA } }),
    system: (content) => ({ messages: [{ role: 'system', content }] }),
    turn: (i) => [
      { role: 'user', content: text(TURN_BYTES / 3) },
      {
        role: 'assistant',
        content: null,
        tool_calls: [
          {
            id: `call_${i}`,
            type: 'function',
            function: { name: 'tool_1', arguments: JSON.stringify({ path: text(100) }) },
          },
        ],
      },
      { role: 'tool', tool_call_id: `call_${i}`, content: text((TURN_BYTES * 2) / 3) },
    ],
  },
  messages: {
    head: (model, stream) => ({ model, stream, max_tokens: 4096 }),
    tool: (name) => ({ name, description: text(200), input_schema: SCHEMA }),
    system: (content) => ({ system: [{ type: 'text', text: content }], messages: [] }),
    turn: (i) => [
      { role: 'user', content: [{ type: 'text', text: text(TURN_BYTES / 3) }] },
      {
        role: 'assistant',
        content: [{ type: 'tool_use', id: `call_${i}`, name: 'tool_1', input: { path: text(100) } }],
      },
      {
        role: 'user',
        content: [{ type: 'tool_result', tool_use_id: `call_${i}`, content: text((TURN_BYTES * 2) / 3) }],
      },
    ],
  },
};

/** A request of about `bytes` bytes as UTF-8 JSON; `wire` is `chat` or `messages`. */
export function requestBody({ wire, model, stream, bytes }) {
  const { head, tool, system, turn } = WIRES[wire];
  const large = bytes >= SMALL_BYTES;
  const body = { ...head(model, stream), ...system(text(large ? 2000 : 100)) };
  if (large) body.tools = Array.from({ length: TOOL_COUNT }, (_, i) => tool(`tool_${i}`));
  const room = () => bytes - Buffer.byteLength(JSON.stringify(body));
  if (large) {
    const turnBytes = Buffer.byteLength(JSON.stringify(turn(0)));
    const turns = Math.max(0, Math.floor(room() / turnBytes) - 1);
    for (let i = 0; i < turns; i++) body.messages.push(...turn(i));
  }
  // What is missing is filled up by the last question; escapes make it a little longer than its text.
  body.messages.push({ role: 'user', content: text(Math.max(2, Math.floor((room() - 40) * 0.9))) });
  return Buffer.from(JSON.stringify(body));
}
