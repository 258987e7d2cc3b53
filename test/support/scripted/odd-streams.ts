import fc from 'fast-check';
import type { ProtocolId } from '../../../src/protocols/protocol.ts';

/** A frame of a stream; `usageOnly` = Chat's last one, which has usage and nothing else. */
export interface OddFrame {
  bytes: Buffer;
  usageOnly: boolean;
}

/** Streamed answers of one protocol, in every form that its standard allows. All report 11 tokens in and 7 out. */
export interface OddAnswer {
  name: string;
  protocol: ProtocolId;
  contentType: string;
  bytes: fc.Arbitrary<OddFrame[]>;
  /** Further members of the request. */
  request: Record<string, unknown>;
  query: string;
  /** The client did not ask for the usage frame. */
  dropsUsage: boolean;
}

/** An event before it is written down. */
interface Event {
  name?: string;
  data: unknown;
  usageOnly?: boolean;
}

/** Text from all over Unicode, never empty. */
const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
const texts = fc.array(text, { minLength: 1, maxLength: 6 });

const chat = (parts: string[]): Event[] => [
  { data: { id: 'c', choices: [{ index: 0, delta: { role: 'assistant', content: '' } }] } },
  ...parts.map((content) => ({
    data: { id: 'c', choices: [{ index: 0, delta: { content } }], usage: null },
  })),
  { data: { id: 'c', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] } },
  { data: { id: 'c', choices: [], usage: { prompt_tokens: 11, completion_tokens: 7 } }, usageOnly: true },
  { data: '[DONE]' },
];

const responses = (parts: string[]): Event[] => [
  {
    name: 'response.created',
    data: { type: 'response.created', response: { id: 'r', status: 'in_progress' } },
  },
  ...parts.map((delta) => ({
    name: 'response.output_text.delta',
    data: { type: 'response.output_text.delta', output_index: 0, content_index: 0, delta },
  })),
  {
    name: 'response.completed',
    data: {
      type: 'response.completed',
      response: { id: 'r', status: 'completed', output: [], usage: { input_tokens: 11, output_tokens: 7 } },
    },
  },
];

const anthropic = (parts: string[]): Event[] =>
  [
    {
      type: 'message_start',
      message: { id: 'm', content: [], usage: { input_tokens: 11, output_tokens: 1 } },
    },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    ...parts.map((part) => ({
      type: 'content_block_delta',
      index: 0,
      delta: { type: 'text_delta', text: part },
    })),
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 7 } },
    { type: 'message_stop' },
  ].map((data) => ({ name: data.type, data }));

const geminiChunks = (parts: string[]): unknown[] => [
  ...parts.map((part) => ({ candidates: [{ content: { parts: [{ text: part }] }, index: 0 }] })),
  {
    candidates: [{ content: { parts: [{ text: '' }] }, finishReason: 'STOP' }],
    usageMetadata: { promptTokenCount: 11, candidatesTokenCount: 7 },
  },
];

/** Lines that may stand before an event's data and mean nothing. */
const extras = fc.constantFrom<string[]>(
  [],
  [],
  [': ping'],
  [':'],
  ['id: 7'],
  ['retry: 10', ': ü'],
  ['unknown: x'],
);

/** One frame with the given end of line. */
function written({ name, data, usageOnly }: Event, more: string[], space: boolean, eol: string): OddFrame {
  const payload = typeof data === 'string' ? data : JSON.stringify(data);
  const lines = [
    ...more,
    ...(name === undefined ? [] : [`event: ${name}`]),
    `data:${space ? ' ' : ''}${payload}`,
  ];
  return { bytes: Buffer.from(lines.join(eol) + eol + eol), usageOnly: usageOnly === true };
}

/** Events as an event stream: any end of line, comments alone and inside frames, with or without a space. */
function eventStreams(events: (parts: string[]) => Event[]): fc.Arbitrary<OddFrame[]> {
  return fc
    .record({ parts: texts, eol: fc.constantFrom('\n', '\r\n', '\r'), bom: fc.boolean() })
    .chain(({ parts, eol, bom }) => {
      const list = events(parts);
      const styles = fc.array(fc.tuple(extras, fc.boolean(), fc.boolean()), {
        minLength: list.length,
        maxLength: list.length,
      });
      return styles.map((chosen) => [
        ...(bom ? [{ bytes: Buffer.from('\ufeff'), usageOnly: false }] : []),
        ...list.flatMap((event, n) => {
          const [more = [], space = true, comment = false] = chosen[n] ?? [];
          const alone = { bytes: Buffer.from(`: alone ü${eol}${eol}`), usageOnly: false };
          return [...(comment ? [alone] : []), written(event, more, space, eol)];
        }),
      ]);
    });
}

/** Chunks as one JSON array, spaced in any way. */
const arrayStreams: fc.Arbitrary<OddFrame[]> = fc
  .tuple(texts, fc.constantFrom('', '\n', '\r\n', ' '), fc.constantFrom(0, 2))
  .map(([parts, space, indent]) => {
    const chunks = geminiChunks(parts).map((chunk) => JSON.stringify(chunk, null, indent));
    const whole = `[${space}${chunks.join(`${space},${space}`)}${space}]${space}`;
    return [{ bytes: Buffer.from(whole), usageOnly: false }];
  });

const EVENTS: Record<ProtocolId, (parts: string[]) => Event[]> = {
  'openai-chat': chat,
  'openai-responses': responses,
  'anthropic-messages': anthropic,
  gemini: (parts) => geminiChunks(parts).map((data) => ({ data })),
};

/** A stream in its plainest form, with the given pieces of text, frame by frame. */
export function plainStream(protocol: ProtocolId, parts: string[]): Buffer[] {
  return EVENTS[protocol](parts).map((event) => written(event, [], true, '\n').bytes);
}

const SSE = 'text/event-stream; charset=utf-8';
const PLAIN = { contentType: SSE, request: {}, query: '?alt=sse', dropsUsage: false };

/** The kinds of streamed answers of a protocol. */
export function answersOf(protocol: ProtocolId): OddAnswer[] {
  const kinds: Record<ProtocolId, Omit<OddAnswer, 'protocol'>[]> = {
    'openai-chat': [
      {
        ...PLAIN,
        name: 'a Chat stream whose usage was asked for',
        bytes: eventStreams(EVENTS['openai-chat']),
        request: { stream_options: { include_usage: true } },
      },
      {
        ...PLAIN,
        name: 'a Chat stream without the usage frame that nobody asked for',
        bytes: eventStreams(EVENTS['openai-chat']),
        dropsUsage: true,
      },
    ],
    'openai-responses': [
      { ...PLAIN, name: 'a Responses stream', bytes: eventStreams(EVENTS['openai-responses']) },
    ],
    'anthropic-messages': [
      { ...PLAIN, name: 'a Messages stream', bytes: eventStreams(EVENTS['anthropic-messages']) },
    ],
    gemini: [
      {
        ...PLAIN,
        name: 'a Gemini stream',
        bytes: eventStreams(EVENTS.gemini),
      },
      {
        ...PLAIN,
        name: 'a Gemini array stream',
        contentType: 'application/json; charset=UTF-8',
        bytes: arrayStreams,
        query: '',
      },
    ],
  };
  return kinds[protocol].map((kind) => ({ ...kind, protocol }));
}
