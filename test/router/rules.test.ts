import { beforeAll, describe, expect, it } from 'vitest';
import { type Catalog, loadCatalog } from '../../src/catalog/index.ts';
import type { GatewayError } from '../../src/errors.ts';
import {
  matchesGlob,
  type Plan,
  plan,
  type RouteRequest,
  type RouteState,
  targetId,
} from '../../src/router/index.ts';
import { configOf, factsOf, requestOf, stateOf, WELL } from './support.ts';

let catalog: Catalog;
beforeAll(async () => {
  catalog = await loadCatalog();
});

const ids = ({ targets }: Plan): string[] =>
  targets.map((target) => targetId(target) + (target.key === undefined ? '' : `#${target.key}`));

async function planned(
  yaml: string,
  model: string,
  request: Partial<RouteRequest> = {},
  state: Partial<RouteState> = {},
  keys: string[] = [],
): Promise<Plan> {
  return plan(requestOf(model, request), stateOf(catalog, keys, await configOf(yaml), state));
}

async function refused(...given: Parameters<typeof planned>): Promise<GatewayError> {
  try {
    await planned(...given);
  } catch (error) {
    return error as GatewayError;
  }
  throw new Error('there is a plan');
}

describe('a condition', () => {
  const rule = (when: string): string => `routes: [{ name: r, when: { ${when} }, to: groq/x }]\n`;
  const why = async (
    when: string,
    request: Partial<RouteRequest>,
    model = 'openai/gpt-5',
  ): Promise<string> => {
    const found = (await planned(rule(when), model, request)).verdicts()[0];
    return found?.matched ? 'matched' : (found?.why ?? '');
  };

  it.each<[string, Partial<RouteRequest>, string]>([
    ['project: payroll', { project: 'Payroll' }, 'matched'],
    ['project: [web, "pay*"]', { project: 'payroll' }, 'matched'],
    ['project: payroll', { project: 'api' }, 'project is api, rule wants payroll'],
    ['project: payroll', {}, 'no project is declared, rule wants payroll'],
    ['agent: "c?aude"', { agent: 'claude' }, 'matched'],
    ['agent: codex', { agent: 'claude' }, 'agent is claude, rule wants codex'],
    ['model: "gpt-*"', {}, 'matched'],
    ['model: "openai/*"', {}, 'matched'],
    ['model: "claude-*"', {}, 'model is openai/gpt-5, rule wants claude-*'],
    ['role: small', { headers: { 'x-unorouter-role': 'small' } }, 'matched'],
    ['role: small', { agent: 'claude' }, 'role is main, rule wants small'],
    ['protocol: openai-chat', {}, 'matched'],
    ['protocol: gemini', {}, 'protocol is openai-chat, rule wants gemini'],
    ['header: { X-Team: "co*" }', { headers: { 'x-team': 'core' } }, 'matched'],
    ['header: { X-Team: web }', { headers: { 'x-team': 'core' } }, 'header x-team is not web'],
    ['header: { X-Team: web }', {}, 'there is no header x-team'],
    ['time: "14:00-14:06"', {}, 'matched'],
    ['time: "22:00-14:06"', {}, 'matched'],
    ['time: "14:06-14:05"', {}, 'it is 14:05, rule wants 14:06-14:05'],
    ['day: [mon, wed]', {}, 'matched'],
    ['day: sun', {}, 'it is wed, rule wants sun'],
    ['input: "> 180k"', { facts: factsOf({ inputTokens: 180_001 }) }, 'matched'],
    ['input: "> 180k"', { facts: factsOf({ inputTokens: 120_000 }) }, '120k <= 180k'],
    ['input: "<= 180k"', { facts: factsOf({ inputTokens: 180_004 }) }, '180.004k > 180k'],
    ['input: "< 5"', {}, 'input tokens are not known'],
    ['tools: true', { facts: factsOf({ tools: true }) }, 'matched'],
    ['tools: false', { facts: factsOf({ tools: true }) }, 'it has tools, rule wants none'],
    ['image: true', { facts: factsOf({}) }, 'it has no images, rule wants some'],
    ['image: false', {}, 'whether it has images is not known'],
  ])('%s (%#)', async (when, request, verdict) => {
    expect(await why(when, request)).toBe(verdict);
  });

  it('knows the background models of agents, and believes a header first', async () => {
    const role = (model: string, request: Partial<RouteRequest>) => why('role: small', request, model);
    expect(await role('claude-haiku-4-5', { agent: 'claude' })).toBe('matched');
    expect(await role('google/gemini-2.5-flash-lite', { agent: 'gemini' })).toBe('matched');
    expect(await role('claude-haiku-4-5', { agent: 'curl' })).toContain('role is main');
    expect(
      await role('claude-haiku-4-5', { agent: 'claude', headers: { 'x-unorouter-role': 'main' } }),
    ).toContain('role is main');
    expect(await role('small', {})).toBe('matched');
  });

  it('looks into the body only when everything else holds', async () => {
    const facts = () => {
      throw new Error('the body was looked into');
    };
    expect(await why('input: "> 1", project: x', { facts, mostInputTokens: 10 })).toContain('no project');
  });
});

describe('a glob', () => {
  it.each([
    ['*', '', true],
    ['a*b*c', 'aXbYbZc', true],
    ['a*bc', 'abcbc', true],
    ['a*a', 'a', false],
    ['?', '', false],
    ['*?b', 'ab', true],
    ['GPT-?', 'gpt-5', true],
  ])('%s and %s: %s', (pattern, text, matches) => {
    expect(matchesGlob(pattern, text)).toBe(matches);
  });
});

describe('rules', () => {
  const three =
    'small: groq/s\nroutes:\n  - { name: a, when: { project: x }, to: groq/a }\n  - { name: b, when: { agent: claude }, to: [groq/b, openai/b], strict: true }\n  - { to: groq/c, when: { agent: claude } }\n';

  it('are asked in order, and the first that matches wins, whatever was asked for', async () => {
    const found = await planned(three, 'openai/gpt-5', { agent: 'claude' });
    expect(found).toMatchObject({
      rule: 'b',
      strict: true,
      why: expect.arrayContaining([expect.stringContaining('rule "b" (config.yaml:4)')]),
    });
    expect(ids(found)).toEqual(['groq/b', 'openai/b']);
    expect(found.verdicts()).toEqual([
      { rule: 'a', matched: false, why: 'no project is declared, rule wants x' },
      { rule: 'b', matched: true, why: 'sends it to groq/b, then openai/b' },
    ]);
  });

  it('none matches: what small: means, else the model that was asked', async () => {
    expect(ids(await planned(three, 'small'))).toEqual(['groq/s']);
    const found = await planned(three, 'openai/gpt-5');
    expect(found.rule).toBe('default');
    expect(found.verdicts().slice(-2)).toEqual([
      { rule: 'small', matched: false, why: 'role is main, rule wants small' },
      { rule: 'default', matched: true, why: 'sends the model that was asked' },
    ]);
    expect((await refused('', 'small')).message).toContain('no small model is set');
    expect(ids(await planned('small: groq/s\naliases: { small: groq/own }\n', 'small'))).toEqual([
      'groq/own',
    ]);
  });

  it('keep the model where they say provider/*', async () => {
    const to = (model: string) =>
      planned('aliases: { me: openai/gpt-5 }\nroutes: [{ to: openrouter/* }]\n', model);
    expect(ids(await to('anthropic/claude-opus-4-5'))).toEqual(['openrouter/anthropic/claude-opus-4.5']);
    expect(ids(await to('gpt-5'))).toEqual(['openrouter/openai/gpt-5']);
    expect(ids(await to('me'))).toEqual(['openrouter/openai/gpt-5']);
    expect(ids(await to('openrouter/x/y'))).toEqual(['openrouter/x/y']);
    expect(ids(await to('never-heard-of'))).toEqual(['openrouter/never-heard-of']);
  });

  it('never touch the demo', async () => {
    expect(ids(await planned('routes: [{ to: groq/x }]\n', 'demo/echo'))).toEqual(['demo/echo']);
    expect(ids(await planned('routes: [{ to: groq/x }]\n', 'gpt-5', {}, { demo: true }))).toEqual([
      'demo/coder',
    ]);
  });

  it('refuse rather than send elsewhere, and say who decided', async () => {
    const yaml = 'routes:\n  - { name: private, to: groq/x }\n';
    expect((await refused(yaml, 'openai/gpt-5', {}, {}, ['openai'])).message).toBe(
      'unorouter: no API key for groq, which serves x (rule "private" (config.yaml:2)). Run: unorouter keys add groq',
    );
    expect((await refused('routes:\n  - { to: zzz-nobody }\n', 'openai/gpt-5')).message).toContain(
      'unknown model "zzz-nobody" (rule "rule 1" (config.yaml:2) sends this request there)',
    );
  });

  it('are followed by the fallbacks of their providers', async () => {
    const yaml = 'routes: [{ to: [openai/gpt-5, groq/x] }]\nfallbacks: { openai: [openrouter] }\n';
    expect(ids(await planned(yaml, 'q'))).toEqual(['openai/gpt-5', 'groq/x', 'openrouter/openai/gpt-5']);
  });
});

describe('an alias that chooses', () => {
  const split = 'aliases: { split: { weighted: { groq/a: 70, openai/b: 30 } } }\n';

  it('by shares gives a session always the same, and shares sessions out', async () => {
    const config = await configOf(split);
    const first = (session: string) =>
      ids(plan(requestOf('split', { session }), stateOf(catalog, [], config)))[0];
    const got = Array.from({ length: 400 }, (_, i) => first(`s${i}`));
    expect(first('s1')).toBe(first('s1'));
    const share = got.filter((id) => id === 'groq/a').length / got.length;
    expect(share).toBeGreaterThan(0.6);
    expect(share).toBeLessThan(0.8);
  });

  it('keeps a session where it was, and says what to remember', async () => {
    for (const stuck of ['groq/a', 'openai/b']) {
      const found = await planned(split, 'split', { session: 's1' }, { stuck: () => stuck });
      expect(ids(found)[0]).toBe(stuck);
      expect(found.stick).toEqual({ key: 'split\ns1', target: stuck });
    }
    expect((await planned(split, 'split')).stick).toBeNull();
    const gone = await planned(split, 'split', { session: 's1' }, { stuck: () => 'groq/gone' });
    expect(gone.stick?.target).toBe(ids(gone)[0]);
  });

  it('by price takes the cheapest for this request, unknown prices last, local ones first', async () => {
    const yaml =
      'prices: { acme/in: { input: 1, output: 100 }, acme/out: { input: 10, output: 1 } }\nproviders: { acme: { url: https://a.example } }\naliases: { bulk: { cheapest: [acme/unknown, acme/in, acme/out, ollama/l] } }\n';
    const { providers, prices: userPrices } = await configOf(yaml);
    const own = await loadCatalog({ providers, userPrices });
    const to = async (inputTokens: number) =>
      ids(await planned(yaml, 'bulk', { facts: factsOf({ inputTokens }) }, { catalog: own }));
    expect(await to(100)).toEqual(['ollama/l', 'acme/out', 'acme/in', 'acme/unknown']);
    expect(await to(100_000)).toEqual(['ollama/l', 'acme/in', 'acme/out', 'acme/unknown']);
  });

  it('by speed takes the fastest that was measured, and now and then measures another', async () => {
    const config = await configOf('aliases: { f: { fastest: [groq/a, openai/b, xai/c] } }\n');
    const speed: Record<string, number> = { a: 900, b: 200 };
    const at = (random: number) =>
      plan(
        requestOf('f', { session: 's' }),
        stateOf(catalog, [], config, {
          random,
          health: ({ model }) => ({ ...WELL, ttftMs: speed[model] ?? null }),
        }),
      );
    const plans = Array.from({ length: 500 }, (_, i) => at(i / 500));
    const trials = plans.filter((one) => ids(one)[0] !== 'openai/b');
    expect(trials.length).toBeGreaterThan(20);
    expect(trials.length).toBeLessThan(90);
    for (const one of trials) {
      expect(ids(one)).toEqual(['xai/c', 'openai/b', 'groq/a']);
      expect(one.stick).toBeNull();
    }
    const usual = plans.find((one) => !trials.includes(one));
    expect(usual && ids(usual)).toEqual(['openai/b', 'groq/a', 'xai/c']);
    expect(usual?.stick?.target).toBe('openai/b');
  });

  it('may stand in a rule and in another alias, however many ways lead to it', async () => {
    const ladder = Array.from({ length: 60 }, (_, i) => `  a${i}: [a${i + 1}, a${i + 1}]`).join('\n');
    const yaml = `aliases:\n${ladder}\n  a60: { weighted: { groq/x: 1 } }\nroutes: [{ to: a0 }]\n`;
    const found = await planned(yaml, 'q', { session: 's' });
    expect(ids(found)).toEqual(['groq/x']);
    expect(found.stick).toEqual({ key: 'a60\ns', target: 'groq/x' });
  });
});

describe('health', () => {
  it('puts targets that are not well behind the others, and says so', async () => {
    const health: RouteState['health'] = ({ model }) =>
      model === 'a' ? { ...WELL, state: 'parked', why: 'quota used up' } : WELL;
    const found = await planned('aliases: { o: [groq/a, openai/b, xai/c] }\n', 'o', {}, { health });
    expect(ids(found)).toEqual(['openai/b', 'xai/c', 'groq/a']);
    expect(found.why).toContain('groq/a is parked (quota used up): goes behind the others');
    expect(ids(await planned('', 'groq/a', {}, { health }))).toEqual(['groq/a']);
  });

  it('several keys are several targets: a session keeps its own, a parked one comes last', async () => {
    const keyLabels: RouteState['keyLabels'] = ({ id }) => (id === 'groq' ? ['one', 'two'] : ['only']);
    const yaml = 'aliases: { o: [groq/a, openai/b] }\n';
    const first = async (session: string) => ids(await planned(yaml, 'o', { session }, { keyLabels }));
    const all = await Promise.all(Array.from({ length: 30 }, (_, i) => first(`s${i}`)));
    expect(new Set(all.map(([id]) => id))).toEqual(new Set(['groq/a#one', 'groq/a#two']));
    expect(await first('s1')).toEqual(all[1]);
    const health: RouteState['health'] = ({ key }) => (key === 'one' ? { ...WELL, state: 'parked' } : WELL);
    expect(ids(await planned(yaml, 'o', {}, { keyLabels, health }))).toEqual([
      'groq/a#two',
      'openai/b',
      'groq/a#one',
    ]);
  });
});

describe('what a model cannot do', () => {
  const listed = async (): Promise<Catalog> => {
    const own = await loadCatalog();
    own.setLive('groq', [
      { id: 'tiny', context: 1_000 },
      { id: 'wide', context: 100_000 },
    ]);
    return own;
  };

  it('passes it over when another one can', async () => {
    const own = await listed();
    const found = await planned(
      'aliases: { o: [groq/tiny, groq/wide] }\n',
      'o',
      { facts: factsOf({ inputTokens: 2_000 }) },
      { catalog: own },
    );
    expect(ids(found)).toEqual(['groq/wide']);
    expect(found.passedOver).toEqual([
      { target: 'groq/tiny', why: 'takes 1k tokens, the request has about 2k' },
    ]);
  });

  it('refuses what fits nowhere, but not for an estimate that is a little above', async () => {
    const own = await listed();
    const ask = (inputTokens: number) =>
      ['', 'groq/tiny', { facts: factsOf({ inputTokens }) }, { catalog: own }] as const;
    expect(ids(await planned(...ask(1_040)))).toEqual(['groq/tiny']);
    const error = await refused(...ask(1_100));
    expect(error).toMatchObject({ code: 'context_too_long', kind: 'context-too-long', status: 400 });
    expect(error.message).toBe(
      'unorouter: the prompt is too long for tiny: about 1,100 tokens, the model takes 1,000; no larger model is in your routes. Use /compact in the agent, or run: unorouter routes explain groq/tiny --tokens 1.1k',
    );
  });

  it('is not asked where the body is too short to matter', async () => {
    const facts = () => {
      throw new Error('the body was looked into');
    };
    const found = await planned(
      '',
      'groq/tiny',
      { mostInputTokens: 1_000, facts },
      { catalog: await listed() },
    );
    expect(ids(found)).toEqual(['groq/tiny']);
  });

  it('names the rule that sent a request with tools to a model without', async () => {
    const mute = catalog.models().find(({ tools, provider }) => tools === false && provider !== 'demo');
    const blind = catalog
      .models()
      .find(({ vision, tools, provider }) => vision === false && tools === true && provider !== 'demo');
    if (!mute || !blind) throw new Error('the catalog has no such models');
    const yaml = `routes:\n  - { name: background, to: "${mute.provider}/${mute.id}" }\n`;
    const error = await refused(yaml, 'gpt-5', { agent: 'claude', facts: factsOf({ tools: true }) });
    expect(error).toMatchObject({ code: 'capability_missing', kind: 'config', status: 400 });
    expect(error.message).toBe(
      `unorouter: ${mute.id} cannot use tools, and claude needs them: rule "background" (config.yaml:2) sends this request there. Run: unorouter models --tools`,
    );
    const asked = `${blind.provider}/${blind.id}`;
    expect((await refused('', asked, { facts: factsOf({ images: true }) })).code).toBe('capability_missing');
    expect(ids(await planned('', asked, { facts: factsOf({ documents: true }) }))).toEqual([asked]);
  });
});
