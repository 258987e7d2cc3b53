import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { plan, targetId } from '../../src/router/index.ts';
import { createSticky } from '../../src/server/sticky.ts';
import { factsOf, requestOf, stateOf } from '../router/support.ts';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let upstream: FakeUpstream;
let gateway: TestServer;

const configFor = (rules: string): string =>
  [
    `providers: { acme: { url: "${upstream.url}/v1", auth: none }, bolt: { url: "${upstream.url}/v1", auth: none } }`,
    'default: acme/usual',
    'small: bolt/tiny',
    'aliases: { two: [acme/first, bolt/second], split: { weighted: { acme/x: 1, bolt/y: 1 } } }',
    rules,
    '',
  ].join('\n');

beforeAll(async () => {
  upstream = await startFakeUpstream();
  const answer = { choices: [{ message: { role: 'assistant', content: 'ok' }, finish_reason: 'stop' }] };
  upstream.answer({ headers: { 'content-type': 'application/json' }, pieces: [JSON.stringify(answer)] });
  gateway = await startTestServer({
    config: configFor(
      [
        'routes:',
        '  - { name: private, when: { project: payroll }, to: "bolt/*" }',
        '  - { name: tools, when: { tools: true, agent: "c*" }, to: two }',
        '  - { name: pictures, when: { image: true }, to: acme/eyes }',
        '  - { name: long, when: { input: "> 500" }, to: [bolt/long, acme/long] }',
        '  - { name: other, when: { header: { x-team: "co*" } }, to: split }',
      ].join('\n'),
    ),
  });
});
afterAll(async () => {
  await gateway.close();
  await upstream.close();
});

const asked = fc.record({
  model: fc.constantFrom('acme/m', 'bolt/m', 'two', 'split', 'default', 'small'),
  agent: fc.constantFrom('claude', 'zed'),
  project: fc.constantFrom(null, 'payroll', 'api'),
  session: fc.constantFrom('s1', 's2', 's3'),
  team: fc.constantFrom(null, 'core'),
  tools: fc.boolean(),
  image: fc.boolean(),
  long: fc.boolean(),
});
type Asked = typeof asked extends fc.Arbitrary<infer T> ? T : never;

async function served({
  model,
  agent,
  project,
  session,
  team,
  tools,
  image,
  long,
}: Asked): Promise<string | null> {
  const text = long ? 'word '.repeat(2_000) : 'hi';
  const picture = { type: 'image_url', image_url: { url: 'https://pictures.example/a.png' } };
  const content = image ? [{ type: 'text', text }, picture] : text;
  const body = {
    model,
    messages: [{ role: 'user', content }],
    tools: tools ? [{ type: 'function', function: { name: 'f', parameters: { type: 'object' } } }] : [],
  };
  const response = await gateway.post('/v1/chat/completions', body, {
    'x-unorouter-agent': agent,
    'x-unorouter-session': session,
    ...(project === null ? {} : { 'x-unorouter-project': project }),
    ...(team === null ? {} : { 'x-team': team }),
  });
  await response.text();
  return response.headers.get('x-unorouter-served');
}

/** What `routes explain` says: a plan made of what it is told. */
function explained({ model, agent, project, session, team, tools, image, long }: Asked): string | undefined {
  const headers = team === null ? {} : { 'x-team': team };
  const facts = factsOf({ inputTokens: long ? 2_000 : 10, images: image, tools });
  const state = stateOf(gateway.server.catalog, ['nobody'], gateway.server.config());
  const [first] = plan(requestOf(model, { agent, project, session, headers, facts }), state).targets;
  return first && targetId(first);
}

test('what a plan says is where a request goes', async () => {
  await fc.assert(
    fc.asyncProperty(asked, async (one) => {
      expect(await served(one)).toBe(explained(one));
    }),
    { numRuns: 200 },
  );
});

test('rules that are saved count from the next request', async () => {
  const one: Asked = {
    ...{ model: 'acme/m', agent: 'zed', project: null, session: 's1', team: null },
    ...{ tools: false, image: false, long: false },
  };
  for (const to of ['bolt/one', 'acme/two', 'bolt/*']) {
    gateway.notices.length = 0;
    gateway.home.writeConfig(configFor(`routes: [{ to: "${to}" }]`));
    await gateway.noticed('config.yaml reloaded');
    expect(await served(one)).toBe(explained(one));
    expect(await served(one)).toBe(to.replace('*', 'm'));
  }
});

test('a session is remembered by the target that was meant for it and answered, for an hour', () => {
  let now = 0;
  const sticky = createSticky({ now: () => now });
  const state = stateOf(gateway.server.catalog, ['nobody'], {
    ...gateway.server.config(),
    routes: [],
  });
  const first = plan(requestOf('split', { session: 's' }), state);
  const [home, helper] = first.targets;
  if (!home || !helper || !first.stick) throw new Error('there is no choice');
  sticky.served(first, helper);
  expect(sticky.get(first.stick.key)).toBeUndefined();
  sticky.served(first, home);
  expect(sticky.get(first.stick.key)).toBe(targetId(home));
  now = 3_600_000;
  expect(sticky.get(first.stick.key)).toBeUndefined();
});
