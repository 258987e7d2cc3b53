import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Blackhole, openBlackhole } from '../support/faulty/blackhole.ts';
import { type FaultyUpstream, startFaulty } from '../support/faulty/server.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { eachOf, KEY_VARIABLE, NATIVE, SECRET } from './support/cases.ts';
import { ask, type Seen } from './support/client.ts';
import { type Expectation, fine, type Range, refused } from './support/expectation.ts';
import { judge, type Row } from './support/judge.ts';

// Rows 4 (certificates) and 5 (proxies) of the fault table: test/upstream. Row 11 (an early refusal) is below.

const NOTHING: Range = [0, 0];
const ATTEMPTS: Range = [1, 3];

let upstream: FaultyUpstream;
let kept: FaultyUpstream;
let hole: Blackhole;
let gateway: TestServer;

/** Providers that cannot be reached, by protocol; `good` answers, `kept` keeps connections. */
async function config(): Promise<string> {
  // A free port would be handed out again, and was: to the gateway itself. Nobody is given this one.
  const closed = 1;
  const lines = NATIVE.flatMap(({ upstream: protocol }, n) => {
    const rest = `protocol: ${protocol}, keys: [${KEY_VARIABLE}]`;
    return [
      `  closed${n}: { url: http://127.0.0.1:${closed}/v1, ${rest} }`,
      `  hole${n}: { url: http://127.0.0.1:${hole.port}/v1, ${rest} }`,
      `  nowhere${n}: { url: http://nope.invalid/v1, ${rest} }`,
      `  good${n}: { url: ${upstream.url}/good${n}/v1, ${rest} }`,
      `  early${n}: { url: ${upstream.url}/early${n}.413-early/v1, ${rest} }`,
      `  kept${n}: { url: ${kept.url}/kept${n}/v1, ${rest} }`,
      ...BROKEN.map(
        (_fault, m) =>
          `  first${n}x${m}: { url: ${upstream.url}/first${n}x${m}/v1, ${rest}, timeouts: { headers: 600ms, first_content: 600ms } }`,
      ),
    ];
  });
  const aliases = NATIVE.flatMap((_, n) => [
    ...['closed', 'hole', 'nowhere'].map(
      (where) => `  ${where}-then-good${n}: [${where}${n}/m, good${n}/m-fault-ok]`,
    ),
    ...BROKEN.map(
      (fault, m) => `  "${fault}-then-good${n}": ["first${n}x${m}/m-fault-${fault}", good${n}/m-fault-ok]`,
    ),
  ]);
  return [
    'catalog: { refresh: false }',
    'timeouts: { connect: 1500ms }',
    `aliases:\n${aliases.join('\n')}`,
    `providers:\n${lines.join('\n')}\n`,
  ].join('\n');
}

/** Faults after which another provider is asked. */
const BROKEN = [
  ...['hang-headers', 'hang-first-token', 'reset-headers', '500', '529', '429-long', '429-quota', '401'],
  ...['sse-error-first', '200-html', 'truncated-json', 'bad-chunk', 'redirect'],
];

beforeAll(async () => {
  [upstream, kept, hole] = await Promise.all([
    startFaulty(),
    startFaulty({ keepAlive: true }),
    openBlackhole(),
  ]);
  gateway = await startTestServer({ config: await config(), env: { [KEY_VARIABLE]: SECRET } });
});
afterAll(async () => {
  await gateway.close();
  await Promise.all([upstream.close(), kept.close(), hole.close()]);
});

/** A question at a provider of its own, and what must come of it. */
interface Try {
  title: string;
  n: number;
  model: string;
  stream: boolean;
  padding?: number;
  must: Expectation;
}

const UNREACHABLE: [string, string, Expectation][] = [
  ['1 a closed port', 'closed', refused('unreachable', NOTHING, { attempts: ATTEMPTS, billable: ['no'] })],
  [
    '2 a port that takes no connection',
    'hole',
    refused('timeout', NOTHING, { attempts: ATTEMPTS, billable: ['no'] }),
  ],
  [
    '3 a name that does not exist',
    'nowhere',
    refused('unreachable', NOTHING, { attempts: ATTEMPTS, billable: ['no'] }),
  ],
];
const TRIES: Try[] = NATIVE.flatMap(({ client }, n) =>
  [true, false].flatMap((stream) => {
    const what = `${client}${stream ? ', streamed' : ''}`;
    return [
      ...UNREACHABLE.map(([name, where, must]) => ({
        title: `${name}: ${what}`,
        n,
        stream,
        model: `${where}${n}/m`,
        must,
      })),
      ...['closed', 'hole', 'nowhere', ...BROKEN].map((first) => ({
        title: `after ${first} the next provider answers: ${what}`,
        ...{ n, stream, model: `${first}-then-good${n}` },
        // A provider that failed before is put behind the other one: then the first attempt answers.
        must: fine({ calls: NOTHING, attempts: [1, 4] }),
      })),
      {
        title: `11 a refusal before the request is sent is read, and no broken pipe: ${what}`,
        ...{ n, stream, model: `early${n}/m-fault-413-early`, padding: 8 * 1024 * 1024 },
        must: refused('too-large', NOTHING, { attempts: [1, 1] }),
      },
    ];
  }),
);

const clientOf = (n: number) => NATIVE[n]?.client ?? 'openai-chat';
const idOf = ({ headers }: Seen) => headers['x-unorouter-id'];
type IdRow = Row & { id: string };
const rows = async () => (await gateway.rows()) as unknown as IdRow[];

describe('a provider that cannot be reached, or has another behind it', () => {
  let seen: Seen[] = [];
  let ledger: IdRow[] = [];
  beforeAll(async () => {
    seen = await eachOf(TRIES, 144, (one) => ask(gateway, { ...one, client: clientOf(one.n) }));
    ledger = await rows();
  }, 60_000);

  it.each(TRIES.map((one, index) => ({ ...one, index })))('$title', ({ n, stream, must, index }) => {
    const answer = seen[index];
    if (!answer) throw new Error('not asked');
    const own = ledger.filter((row) => row.id === idOf(answer));
    expect(judge({ client: clientOf(n), stream, seen: answer, calls: 0, rows: own }, must)).toEqual([]);
  });
});

describe('kept connections that are dead', () => {
  const STALE = NATIVE.flatMap(({ client }, n) =>
    ['stale-reuse', 'stale-close:3'].map((fault) => ({ client, fault, model: `kept${n}/m-fault-${fault}` })),
  );

  it.each(STALE)('8 $fault: no $client client sees an error', async ({ client, model }) => {
    const answers: Seen[] = [];
    for (let times = 0; times < 20; times++)
      answers.push(await ask(gateway, { client, model, stream: times % 2 === 0 }));
    const ledger = await rows();
    for (const [times, seen] of answers.entries()) {
      const own = ledger.filter((row) => row.id === idOf(seen));
      const outcome = { client, stream: times % 2 === 0, seen, calls: 1, rows: own };
      expect(judge(outcome, fine({ attempts: [1, 1], billable: ['yes'] }))).toEqual([]);
    }
  });
});
