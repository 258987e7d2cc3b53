import type { ProtocolId } from '../../../src/protocols/protocol.ts';
import type { Seen } from './client.ts';

type Json = Record<string, unknown>;

/** An error as a client finds it in an answer. */
export interface ErrorSeen {
  /** What says the kind of error on this wire: code and type, type, or status. */
  words: string;
  message: string;
  /** What the wire's shape lacks; empty = it is right. */
  faults: string[];
}

/** What an answer says, read as a client of the protocol reads it: independent of the code under test. */
export interface Reading {
  form: 'events' | 'json' | 'other';
  starts: number;
  ends: number;
  errors: ErrorSeen[];
  text: string;
  /** Events that are not JSON. */
  broken: number;
}

const object = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
const list = (value: unknown): Json[] => (Array.isArray(value) ? value.map(object) : []);
const string = (value: unknown): string => (typeof value === 'string' ? value : '');
const lacks = (value: Json, types: Record<string, string>): string[] =>
  Object.entries(types)
    .filter(([name, type]) => !type.split('|').includes(value[name] === null ? 'null' : typeof value[name]))
    .map(([name]) => `error.${name} is ${JSON.stringify(value[name])}`);

/** How the parts of one wire are found. */
interface Wire {
  starts(event: Json): boolean;
  ends(data: string, event: Json): boolean;
  text(event: Json): string;
  wholeText(body: Json): string;
  /** The body says that the answer is complete. */
  wholeEnds(body: Json): boolean;
  error(body: Json): ErrorSeen | null;
}

function openaiError(body: Json): ErrorSeen | null {
  if (body.error === undefined || body.error === null) return null;
  const error = object(body.error);
  return {
    words: `${error.code} ${error.type}`,
    message: string(error.message),
    faults: lacks(error, { message: 'string', type: 'string', code: 'string|null' }),
  };
}

const deltaOf = (event: Json): Json => object(list(event.choices)[0]?.delta);
const outputText = (body: Json): string =>
  list(body.output)
    .flatMap((item) => list(item.content))
    .map((part) => string(part.text))
    .join('');
const parts = (body: Json): Json[] => list(object(list(body.candidates)[0]?.content).parts);

const WIRES: Readonly<Record<ProtocolId, Wire>> = {
  'openai-chat': {
    starts: (event) => deltaOf(event).role !== undefined,
    ends: (data) => data === '[DONE]',
    text: (event) => string(deltaOf(event).content),
    wholeText: (body) => string(object(list(body.choices)[0]?.message).content),
    wholeEnds: (body) => typeof list(body.choices)[0]?.finish_reason === 'string',
    error: openaiError,
  },
  'openai-responses': {
    starts: ({ type }) => type === 'response.created',
    ends: (_data, { type }) => type === 'response.completed' || type === 'response.incomplete',
    text: (event) => (event.type === 'response.output_text.delta' ? string(event.delta) : ''),
    wholeText: outputText,
    wholeEnds: ({ status }) => status === 'completed',
    error(body) {
      if (body.type === 'error')
        return {
          words: string(body.code),
          message: string(body.message),
          faults: lacks(body, { message: 'string' }),
        };
      if (body.type !== 'response.failed') return body.type === undefined ? openaiError(body) : null;
      const error = object(object(body.response).error);
      return {
        words: string(error.code),
        message: string(error.message),
        faults: lacks(error, { code: 'string', message: 'string' }),
      };
    },
  },
  'anthropic-messages': {
    starts: ({ type }) => type === 'message_start',
    ends: (_data, { type }) => type === 'message_stop',
    text: (event) => string(object(event.delta).text),
    wholeText: (body) =>
      list(body.content)
        .map((block) => string(block.text))
        .join(''),
    wholeEnds: (body) => typeof body.stop_reason === 'string',
    error(body) {
      if (body.type !== 'error') return null;
      const error = object(body.error);
      return {
        words: string(error.type),
        message: string(error.message),
        faults: lacks(error, { type: 'string', message: 'string' }),
      };
    },
  },
  gemini: {
    starts: () => false,
    ends: (_data, event) => typeof list(event.candidates)[0]?.finishReason === 'string',
    text: (event) =>
      parts(event)
        .map((part) => string(part.text))
        .join(''),
    wholeText: (body) =>
      parts(body)
        .map((part) => string(part.text))
        .join(''),
    wholeEnds: (body) => typeof list(body.candidates)[0]?.finishReason === 'string',
    error(body) {
      if (body.error === undefined) return null;
      const error = object(body.error);
      return {
        words: string(error.status),
        message: string(error.message),
        faults: lacks(error, { code: 'number', message: 'string', status: 'string' }),
      };
    },
  },
};

function parsed(text: string): Json | null {
  try {
    return object(JSON.parse(text));
  } catch {
    return null;
  }
}

/** `data` of each event of a stream, as the standard reads it: any end of line, no event without its blank line. */
function dataOf(stream: string): string[] {
  const blocks = stream
    .replace(/^\ufeff/, '')
    .replace(/\r\n?/g, '\n')
    .split('\n\n')
    .slice(0, -1);
  return blocks.flatMap((block) => {
    const data = block
      .split('\n')
      .filter((line) => line.startsWith('data:') || line === 'data')
      .map((line) => line.replace(/^data:? ?/, ''));
    return data.length > 0 ? [data.join('\n')] : [];
  });
}

function readEvents(wire: Wire, text: string): Reading {
  const reading: Reading = { form: 'events', starts: 0, ends: 0, errors: [], text: '', broken: 0 };
  const pieces: string[] = [];
  for (const data of dataOf(text)) {
    const event = parsed(data) ?? {};
    if (data !== '[DONE]' && parsed(data) === null) reading.broken++;
    if (wire.starts(event)) reading.starts++;
    if (wire.ends(data, event)) reading.ends++;
    const error = wire.error(event);
    if (error) reading.errors.push(error);
    pieces.push(wire.text(event));
  }
  return { ...reading, text: pieces.join('') };
}

/** Reads an answer. */
export function read(protocol: ProtocolId, { headers, bytes }: Seen): Reading {
  const wire = WIRES[protocol];
  const text = bytes.toString('utf8');
  const type = String(headers['content-type'] ?? '');
  if (/event-stream/.test(type)) return readEvents(wire, text);
  const body = parsed(text);
  if (body === null || !/json/.test(type))
    return { form: 'other', starts: 0, ends: 0, errors: [], text: '', broken: 0 };
  const error = wire.error(body);
  return {
    form: 'json',
    starts: 0,
    ends: error === null && wire.wholeEnds(body) ? 1 : 0,
    errors: error ? [error] : [],
    text: wire.wholeText(body),
    broken: 0,
  };
}
