import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { homePaths } from '../../src/home/index.ts';
import { createRelay } from '../../src/relay/index.ts';
import { ENDPOINTS } from '../../src/server/endpoints.ts';
import { openParts, type Parts } from '../../src/server/parts.ts';
import { proxy } from '../../src/server/proxy.ts';
import { relayDeps, routeStates } from '../../src/server/request-deps.ts';
import { routeActions } from '../../src/server/route-actions.ts';
import { configOf } from '../router/support.ts';
import { type TestHome, temporaryHome } from '../support/cli.ts';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.ts';

// What `routes explain` says is what is then done, for any configuration and request: over real connections, with every
// target that is called seen by the provider.

let home: TestHome;
let upstream: FakeUpstream;
let parts: Parts;
let door: Server;

/** A target whose model is named so answers; any other says that there is no such model, and the next one is asked. */
const ANSWERS = 'yes';
const ANSWER = { choices: [{ message: { role: 'assistant', content: 'ok' }, finish_reason: 'stop' }] };
const MESSAGE = {
  ...{ type: 'message', id: 'm', role: 'assistant', model: 'm', stop_reason: 'end_turn' },
  content: [{ type: 'text', text: 'ok' }],
  usage: { input_tokens: 1, output_tokens: 1 },
};

beforeAll(async () => {
  home = temporaryHome();
  upstream = await startFakeUpstream();
  upstream.answer(({ url, body }) => {
    const answers = String(JSON.parse(body.toString()).model).startsWith(ANSWERS);
    const whole = url.endsWith('/messages') ? MESSAGE : ANSWER;
    return answers
      ? { pieces: [JSON.stringify(whole)] }
      : { status: 404, pieces: ['{"error":{"message":"no such model","type":"not_found_error"}}'] };
  });
  const env = { ...home.env, LOCKED_KEY: 'sk-fake-locked-0000' };
  parts = await openParts({
    paths: homePaths(env),
    env,
    ...{ host: '127.0.0.1', port: 0, anyPort: false, demo: false, auth: false, insecureHttp: false },
    ...{ strict: false, prefix: 'unorouter', defaultModel: null, notice: () => undefined },
  });
  const [endpoint] = ENDPOINTS;
  if (!endpoint) throw new Error('there are no endpoints');
  const deps = {
    relay: createRelay(relayDeps(parts)),
    ready: () => parts.shelves.now().catalog.ready(),
    routeState: routeStates(parts),
    recorder: parts.recorder,
    guesser: parts.guesser,
    budgets: parts.budgets,
    bodies: parts.bodies,
    cacheDoctor: parts.cacheDoctor,
    sweep: () => undefined,
    newId: parts.newId,
    now: Date.now,
    onBug: parts.onBug,
  };
  door = createServer(
    (request, response) => void proxy(request, response, { agent: null, project: null }, { endpoint }, deps),
  );
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  door.closeAllConnections();
  door.close();
  await parts.close();
  await upstream.close();
  home.remove();
});
afterEach(() => vi.restoreAllMocks());

/** Providers: two without a key, one with, one that lacks its key, and two that speak another language. */
const PROVIDERS = ['acme', 'bolt', 'keyed', 'bare', 'tongue', 'both'] as const;
const providers = (): Record<string, unknown> => ({
  acme: { url: `${upstream.url}/acme/v1`, auth: 'none' },
  bolt: { url: `${upstream.url}/bolt/v1`, auth: 'none' },
  keyed: { url: `${upstream.url}/keyed/v1`, keys: ['LOCKED_KEY'] },
  bare: { url: `${upstream.url}/bare/v1` },
  tongue: { url: `${upstream.url}/tongue/v1`, auth: 'none', protocol: 'anthropic-messages' },
  both: { url: `${upstream.url}/both/v1`, auth: 'none', protocol: ['anthropic-messages', 'openai-chat'] },
});

const model = fc
  .tuple(fc.constantFrom(...PROVIDERS), fc.constantFrom('no-1', 'no-2', 'yes-1', 'no-tiny'))
  .map(([provider, name]) => `${provider}/${name}`);
const lists = fc.uniqueArray(model, { minLength: 1, maxLength: 4 });
const alias = fc.oneof(
  lists,
  model,
  lists.map((targets) => ({ cheapest: targets })),
  lists.map((targets) => ({ fastest: targets })),
  lists.chain((targets) =>
    fc
      .array(fc.integer({ min: 1, max: 5 }), { minLength: targets.length, maxLength: targets.length })
      .map((shares) => ({ weighted: Object.fromEntries(targets.map((one, n) => [one, shares[n]])) })),
  ),
);
const ALIASES = ['fast', 'deep', 'mix'] as const;
const name = fc.oneof(model, fc.constantFrom(...ALIASES));
const when = fc.record(
  {
    project: fc.constantFrom('payroll', 'pay*', 'api'),
    agent: fc.constantFrom('claude', 'c*', 'zed'),
    model: fc.constantFrom('*no*', 'fast', 'acme/*', '*yes*'),
    role: fc.constantFrom('main', 'small'),
    input: fc.constantFrom('> 500', '< 500'),
    tools: fc.boolean(),
    image: fc.boolean(),
    header: fc.constantFrom({ 'x-team': 'co*' }, { 'x-team': 'other' }),
  },
  { requiredKeys: [] },
);
const settings = fc.record(
  {
    default: model,
    small: model,
    unknown_model: fc.constantFrom('error', 'default'),
    prefer: fc.uniqueArray(fc.constantFrom(...PROVIDERS), { minLength: 1, maxLength: 3 }),
    aliases: fc.record({ fast: alias, deep: alias, mix: alias }),
    routes: fc.array(
      fc.record({
        when,
        to: fc.oneof(
          name,
          fc.uniqueArray(name, { minLength: 1, maxLength: 3 }),
          fc.constantFrom('bolt/*', 'both/*'),
        ),
      }),
      { maxLength: 4 },
    ),
    fallbacks: fc.dictionary(
      fc.constantFrom(...PROVIDERS),
      fc.uniqueArray(fc.constantFrom(...PROVIDERS), { minLength: 1, maxLength: 2 }),
    ),
    prices: fc.dictionary(
      model,
      fc.record({ input: fc.integer({ min: 1, max: 9 }), output: fc.constant(1) }),
    ),
  },
  { requiredKeys: ['aliases'] },
);
const asked = fc.record({
  model: fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...ALIASES) },
    { weight: 3, arbitrary: model },
    { weight: 1, arbitrary: fc.constantFrom('default', 'auto', 'small', 'nobody-knows', 'gpt-5') },
  ),
  agent: fc.constantFrom('claude', 'zed'),
  project: fc.option(fc.constantFrom('payroll', 'api')),
  session: fc.option(fc.constantFrom('s1', 's2', 's3')),
  team: fc.option(fc.constantFrom('core', 'other')),
  tools: fc.boolean(),
  image: fc.boolean(),
  long: fc.boolean(),
});
type Asked = typeof asked extends fc.Arbitrary<infer T> ? T : never;

const headersOf = ({ team }: Asked): Record<string, string> => (team === null ? {} : { 'x-team': team });

/** What `routes explain` says of it. */
function explained(one: Asked) {
  const { project, session } = one;
  return routeActions(parts).explainRoute({
    model: one.model,
    protocol: 'openai-chat',
    agent: one.agent,
    ...(project === null ? {} : { project }),
    ...(session === null ? {} : { session }),
    headers: headersOf(one),
    // A picture counts as a thousand.
    tokens: (one.long ? 2_000 : 10) + (one.image ? 1_000 : 0),
    tools: one.tools,
    image: one.image,
  });
}

/** What is done with it: the places that were called, in order, and the answer. */
async function served(one: Asked): Promise<{ calls: string[]; text: string }> {
  const before = upstream.seen.length;
  const words = one.long ? 'word '.repeat(2_000) : 'hi';
  const picture = { type: 'image_url', image_url: { url: 'https://pictures.example/a.png' } };
  const response = await fetch(
    `http://127.0.0.1:${(door.address() as AddressInfo).port}/v1/chat/completions`,
    {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-unorouter-agent': one.agent,
        ...(one.project === null ? {} : { 'x-unorouter-project': one.project }),
        ...(one.session === null ? {} : { 'x-unorouter-session': one.session }),
        ...headersOf(one),
      },
      body: JSON.stringify({
        model: one.model,
        messages: [{ role: 'user', content: one.image ? [{ type: 'text', text: words }, picture] : words }],
        ...(one.tools
          ? { tools: [{ type: 'function', function: { name: 'f', parameters: { type: 'object' } } }] }
          : {}),
      }),
    },
  );
  const text = await response.text();
  const calls = upstream.seen.slice(before).map(({ url, body }) => {
    const provider = url.split('/')[1];
    return `${provider}/${JSON.parse(body.toString()).model}`;
  });
  return { calls, text };
}

test('what `routes explain` says is what is then done, for 1,000 configurations and requests', async () => {
  const counts = { plans: 0, refusals: 0, hops: 0 };
  await fc.assert(
    fc.asyncProperty(
      settings,
      asked,
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      async (given, one, dice) => {
        // Shares without a session, and trials, are drawn: both sides get the same number.
        vi.spyOn(Math, 'random').mockReturnValue(dice);
        const yaml = JSON.stringify({ catalog: { refresh: false }, ...given, providers: providers() });
        await parts.shelves.replace(await configOf(yaml), []);
        const answer = await explained(one);
        const { calls, text } = await served(one);
        if (!answer.ok) {
          counts.refusals++;
          expect(calls).toEqual([]);
          expect(JSON.parse(text).error.message).toBe(answer.error.message);
          return;
        }
        counts.plans++;
        const targets = answer.explanation.targets.map(({ target }) => target);
        const answers = targets.findIndex((target) => target.split('/')[1]?.startsWith(ANSWERS));
        expect(calls).toEqual(answers < 0 ? targets : targets.slice(0, answers + 1));
        counts.hops += calls.length - 1;
      },
    ),
    { numRuns: 1_000 },
  );
  expect(counts.plans).toBeGreaterThan(500);
  expect(counts.refusals).toBeGreaterThan(10);
  expect(counts.hops).toBeGreaterThan(150);
}, 180_000);
