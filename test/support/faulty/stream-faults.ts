import {
  answer,
  begin,
  type Call,
  COUNTS,
  events,
  type Fault,
  gone,
  hang,
  open,
  pause,
  put,
  putAll,
  reset,
  say,
  served,
  tick,
  WORDS,
  wholeText,
} from './call.ts';
import { chatTextWithUsage } from './speech.ts';

const some = ({ arg }: Call, usual = 3): number => Number(arg ?? usual);

/** Text, then something that is not the rest of the answer. */
function after(words: number, then: (call: Call) => Promise<void> | void): Fault {
  return async (call) => {
    await begin(call, some(call, words));
    // What was written must have arrived before the connection breaks.
    await pause(20);
    await then(call);
  };
}

async function pingsForEver(call: Call): Promise<void> {
  open(call);
  while (!gone(call)) {
    await put(call, call.speech.ping);
    await pause(50);
  }
}

/** All of the answer but its last `missing` events. */
async function withoutEnd(call: Call): Promise<void> {
  if (!call.stream) return answer(call);
  const { speech } = call;
  await begin(call, WORDS.length);
  const finish = speech.finish(call.record.said, COUNTS);
  // Where the finish is the marker (Responses) or has it (Gemini), nothing of it is left.
  const ownMarker = speech.marker.length > 0;
  await putAll(call, ownMarker ? finish : finish.slice(0, -1));
  call.response.end();
  if (ownMarker) served(call, COUNTS);
}

async function openBehindEnd(call: Call): Promise<void> {
  open(call);
  await putAll(call, call.stream ? events(call) : [wholeText(call)]);
  served(call, COUNTS);
  await hang(call);
}

async function drip(call: Call): Promise<void> {
  open(call);
  const text = call.stream ? events(call).join('') : wholeText(call);
  let n = 0;
  for (const byte of Buffer.from(text)) {
    if (!(await put(call, Buffer.from([byte])))) return;
    if (++n % 64 === 0) await pause(some(call, 1));
  }
  call.response.end();
  served(call, COUNTS);
}

/** One answer in which the text is `said`, as bytes; `change` may spoil them. */
async function bytewise(call: Call, said: string, change: (bytes: Buffer) => Buffer[]): Promise<void> {
  const { speech } = call;
  open(call);
  call.record.said = said;
  const text = call.stream
    ? [
        ...speech.start(call.model),
        ...speech.text(said),
        ...speech.finish(said, COUNTS),
        ...speech.marker,
      ].join('')
    : JSON.stringify(speech.whole(call.model, said, COUNTS));
  for (const piece of change(Buffer.from(text))) if (!(await put(call, piece))) return;
  call.response.end();
  served(call, COUNTS);
}

const singleBytes = (bytes: Buffer): Buffer[] => Array.from(bytes, (byte) => Buffer.from([byte]));

/** Bytes that are no UTF-8, in place of two letters. */
const NOT_UTF8 = Buffer.from([0xff, 0xfe, 0xc3, 0x28, 0xed, 0xa0, 0x80]);
function spoiled(bytes: Buffer): Buffer[] {
  const pieces: Buffer[] = [];
  let from = 0;
  for (let at = bytes.indexOf('XX'); at >= 0; at = bytes.indexOf('XX', from)) {
    pieces.push(bytes.subarray(from, at), NOT_UTF8);
    from = at + 2;
  }
  return [...pieces, bytes.subarray(from)];
}

/** Everything that the standard of event streams allows and few servers do. */
async function oddEvents(call: Call): Promise<void> {
  if (!call.stream) return answer(call);
  open(call);
  await put(call, '\ufeff: hello\r\n\r\nretry: 10\r\nid: 7\r\n\r\n');
  const odd = events(call).map((event, n) =>
    event.replace(/\n/g, n % 2 === 0 ? '\r\n' : '\r').replace('data: ', 'data:'),
  );
  await putAll(call, odd);
  call.response.end();
  served(call, COUNTS);
}

async function giantLine(call: Call): Promise<void> {
  await bytewise(call, 'A'.repeat(some(call, 10) * 1024 * 1024), (bytes) => [bytes]);
  call.record.said = '';
}

/** A line that never ends, bounded so that a test that fails ends, too. */
async function endlessLine(call: Call): Promise<void> {
  open(call, { 'content-type': 'text/event-stream' });
  const block = 'A'.repeat(256 * 1024);
  await put(call, `data: "${block}`);
  while (call.record.bytes < 64 * 1024 * 1024 && (await put(call, block)));
  call.response.end();
}

async function endless(call: Call): Promise<void> {
  await begin(call, 0);
  while (call.record.bytes < 128 * 1024 * 1024 && (await say(call, 'more '.repeat(4000))));
  call.response.end();
}

/** Many pieces, one at a time. */
async function long(call: Call): Promise<void> {
  if (!call.stream) return answer(call);
  const pieces = some(call, 40);
  await begin(call, 0);
  for (let n = 0; n < pieces; n++) {
    if (!(await say(call, `${call.model} ${n}. `))) return;
    await tick();
  }
  const { speech } = call;
  const counts = { input: COUNTS.input, output: pieces };
  await putAll(call, [...speech.finish(call.record.said, counts), ...speech.marker]);
  call.response.end();
  served(call, counts);
}

/** The counts so far in every frame: only the last are the bill. */
async function usageEverywhere(call: Call): Promise<void> {
  if (!call.stream || call.protocol !== 'openai-chat') return answer(call);
  await begin(call, 0);
  for (const [n, word] of WORDS.entries()) {
    call.record.said += word;
    await put(call, chatTextWithUsage(word, { input: COUNTS.input, output: n + 1 }));
  }
  await putAll(call, [...call.speech.finish(call.record.said, COUNTS), ...call.speech.marker]);
  call.response.end();
  served(call, COUNTS);
}

/** An error where an answer should begin. */
async function errorFirst(call: Call): Promise<void> {
  open(call, { 'content-type': 'text/event-stream' });
  await putAll(call, call.speech.error('overloaded_error', 'Overloaded'));
  call.response.end();
}

/** 200 and a beginning; after that anything can happen. */
export const STREAM_FAULTS: Readonly<Record<string, Fault>> = {
  'hang-first-token': async (call) => {
    open(call);
    await hang(call);
  },
  'ping-only': pingsForEver,
  'hang-midstream': after(3, hang),
  'reset-midstream': after(3, reset),
  'fin-midstream': after(3, ({ request }) => void request.socket.end()),
  'end-no-done': after(3, ({ response }) => void response.end()),
  'end-no-done-mark': withoutEnd,
  'cut-event': after(2, async (call) => {
    const [event = ''] = call.speech.text('cut');
    await put(call, event.slice(0, event.length >> 1));
    call.response.end();
  }),
  'hang-after-end': openBehindEnd,
  'tool-reset': async (call) => {
    await begin(call, 0);
    await putAll(call, call.speech.halfCall());
    await pause(20);
    reset(call);
  },
  drip,
  'sse-error-first': errorFirst,
  'sse-error-mid': after(3, async (call) => {
    await putAll(call, call.speech.error('overloaded_error', 'Overloaded'));
    call.response.end();
  }),
  'bad-json': after(2, async (call) => {
    await put(call, 'data: {"id": "x", "choices": [ {"delta": {"content": "oops\n\n');
    const { speech } = call;
    await putAll(call, [...speech.finish(call.record.said, COUNTS), ...speech.marker]);
    call.response.end();
  }),
  'invalid-utf8': (call) => bytewise(call, 'before XX after', spoiled),
  'split-utf8': (call) => bytewise(call, 'Ebbe und Flöße: 世界 \u{1F30A}', singleBytes),
  'sse-odd': oddEvents,
  'giant-line': giantLine,
  'no-newline': endlessLine,
  endless,
  long,
  'no-usage': (call) => answerWithout(call),
  'zero-usage': (call) => answer(call, { input: 0, output: 0 }),
  'dup-usage': usageEverywhere,
  'bad-usage': (call) => answer(call, { input: -5, output: 1e308 }),
  'text-usage': (call) => answer(call, { input: 'many', output: 'more' }),
};

/** A whole answer that says nothing of tokens. */
async function answerWithout(call: Call): Promise<void> {
  const { speech, record } = call;
  open(call);
  record.said = WORDS.join('');
  const pieces = [
    ...speech.start(call.model),
    ...WORDS.flatMap((word) => speech.text(word)),
    ...speech.finish(record.said, undefined),
    ...speech.marker,
  ];
  await putAll(
    call,
    call.stream ? pieces : [JSON.stringify(speech.whole(call.model, record.said, undefined))],
  );
  call.response.end();
}
