import { beforeAll, describe, expect, it } from 'vitest';
import { type Catalog, loadCatalog } from '../../src/catalog/index.ts';
import { type Config, DEFAULTS } from '../../src/config/index.ts';
import { GatewayError } from '../../src/errors.ts';
import type { EndpointId } from '../../src/exchange.ts';
import type { ProtocolId } from '../../src/protocols/protocol.ts';
import { type KeyState, plan, type RouteState } from '../../src/router/index.ts';

let catalog: Catalog;
beforeAll(async () => {
  catalog = await loadCatalog();
});

interface Setting {
  keys?: string[];
  states?: Record<string, KeyState>;
  config?: Partial<Config>;
  model?: string | null;
  demo?: boolean;
  protocol?: ProtocolId;
  endpoint?: EndpointId;
  asIs?: boolean;
  catalog?: Catalog;
}

function stateOf({
  keys = [],
  states = {},
  config = {},
  model = null,
  demo = false,
  catalog: own,
}: Setting): RouteState {
  return {
    catalog: own ?? catalog,
    config: { ...DEFAULTS, ...config },
    defaultModel: model,
    demo,
    keyState: (provider, surface) => {
      if (surface.auth === 'none') return 'none';
      return states[provider.id] ?? (keys.includes(provider.id) ? 'have' : 'missing');
    },
    keyLabels: () => [],
    lookedIn: () => 'the keychain',
    health: () => ({ state: 'ok', until: null, why: null, ok: null, ttftMs: null }),
    stuck: () => undefined,
    now: 1_760_000_000_000,
    random: 0.5,
    prefix: 'npx unorouter',
  };
}

function route(model: string, setting: Setting = {}): { to: string[]; rule: string; why: string[] } {
  const { protocol = 'openai-chat', endpoint = 'generate', asIs = false } = setting;
  const { targets, rule, why } = plan({ model, protocol, endpoint, asIs }, stateOf(setting));
  for (const { provider, model: id, surface } of targets) {
    // The client's own protocol wherever it is spoken, else the one that the model asks for, else the first that is.
    const own = provider.surfaces.find((s) => s.protocol === protocol);
    const asks = [...stateOf(setting).catalog.quirks(provider.id, id)].some((quirk) =>
      quirk.startsWith('via-'),
    );
    if (own || !asks) expect(surface).toBe(own ?? provider.surfaces[0]);
  }
  return { to: targets.map((t) => `${t.provider.id}/${t.model}`), rule, why };
}

function to(model: string, setting: Setting = {}): string[] {
  return route(model, setting).to;
}

function refusal(model: string, setting: Setting = {}): GatewayError {
  try {
    route(model, setting);
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
  throw new Error(`${model} has a plan`);
}

const ordered = (...targets: string[]) => ({ kind: 'ordered' as const, targets });

describe('a name with a provider in front', () => {
  it('goes to that provider, known model or not', () => {
    expect(to('openai/gpt-5', { keys: ['openai'] })).toEqual(['openai/gpt-5']);
    expect(to('openai/never-heard-of', { keys: ['openai'] })).toEqual(['openai/never-heard-of']);
    expect(to('openrouter/anthropic/claude-sonnet-4.5', { keys: ['openrouter'] })).toEqual([
      'openrouter/anthropic/claude-sonnet-4.5',
    ]);
  });

  it('may say the provider by another of its names', () => {
    expect(to('claude/x', { keys: ['anthropic'] })).toEqual(['anthropic/x']);
  });

  it('needs no key where the provider needs none', () => {
    expect(to('ollama/qwen3:8b')).toEqual(['ollama/qwen3:8b']);
  });

  it('falls back to a configured seller of the same model: behind it with a key, instead of it without', () => {
    const config = { fallbacks: new Map([['anthropic', ['openrouter', 'vercel']]]) };
    const model = 'anthropic/claude-sonnet-4-5';
    expect(to(model, { keys: ['anthropic', 'openrouter'], config })).toEqual([
      model,
      'openrouter/anthropic/claude-sonnet-4.5',
    ]);
    expect(to(model, { keys: ['openrouter', 'vercel'], config })).toEqual([
      'openrouter/anthropic/claude-sonnet-4.5',
      'vercel/anthropic/claude-sonnet-4.5',
    ]);
    expect(to('anthropic/never-heard-of', { keys: ['anthropic', 'openrouter'], config })).toEqual([
      'anthropic/never-heard-of',
    ]);
  });

  it('is refused without a key, and the refusal names a seller with one', () => {
    const error = refusal('anthropic/claude-sonnet-4-5', { keys: ['openrouter'] });
    expect(error).toMatchObject({ code: 'no_provider_key', kind: 'config', param: 'model' });
    expect(error.message).toBe(
      'unorouter: no API key for anthropic, which serves claude-sonnet-4-5. Run: npx unorouter keys add anthropic   (or ask for openrouter/anthropic/claude-sonnet-4.5, for which you have a key)',
    );
    expect(refusal('anthropic/claude-sonnet-4-5').message).toContain(
      'to try without a key use model demo/echo',
    );
  });

  it('is translated when the provider speaks another protocol, and the plan says so', () => {
    const protocol = 'anthropic-messages';
    for (const endpoint of ['generate', 'count-tokens'] as const) {
      const { to, why } = route('google/gemini-2.5-flash', { keys: ['google'], protocol, endpoint });
      expect(to).toEqual(['google/gemini-2.5-flash']);
      expect(why).toEqual([
        '"google/gemini-2.5-flash" names the provider google',
        'google/gemini-2.5-flash does not speak anthropic-messages: translated to gemini',
      ]);
    }
    expect(route('google/gemini-2.5-flash', { keys: ['google'], protocol: 'gemini' }).why).toHaveLength(1);
  });

  it('is translated to the protocol that its model asks for', () => {
    const through = (model: string, protocol: ProtocolId): string | undefined =>
      plan(
        { model, protocol, endpoint: 'generate', asIs: false },
        stateOf({ keys: ['openai', 'openrouter'] }),
      ).targets[0]?.surface.protocol;
    expect(through('openai/gpt-5.6', 'anthropic-messages')).toBe('openai-responses');
    expect(through('openai/gpt-4o', 'anthropic-messages')).toBe('openai-chat');
    expect(through('openrouter/anthropic/claude-opus-4.5', 'gemini')).toBe('anthropic-messages');
    expect(through('openai/gpt-5.6', 'openai-chat')).toBe('openai-chat');
  });

  it('of the demo that is always down falls back to the one that answers', () => {
    expect(to('demo/down')).toEqual(['demo/down', 'demo/echo']);
  });

  it('is refused when the provider speaks another protocol and there is nothing to translate', async () => {
    const override = { url: 'https://acme.test/v1', protocol: ['anthropic-messages'] as const };
    const own = await loadCatalog({ providers: new Map([['acme', override]]) });
    const chat = refusal('acme/x', { keys: ['acme'], endpoint: 'embeddings', catalog: own });
    expect(chat).toMatchObject({ code: 'protocol_not_served', kind: 'config', status: 400 });
    expect(chat.message).toBe(
      'unorouter: acme speaks anthropic-messages, not openai-chat, and requests for embeddings are served in their own protocol only. Run: npx unorouter models info x',
    );
    const compaction = { keys: ['acme'], protocol: 'openai-responses' as const, asIs: true, catalog: own };
    expect(refusal('acme/x', compaction).code).toBe('protocol_not_served');
  });

  it('keeps the order of fallbacks, whoever speaks the protocol', () => {
    const config = { fallbacks: new Map([['google', ['openrouter']]]) };
    const keys = ['google', 'openrouter'];
    expect(to('google/gemini-2.5-flash', { keys, protocol: 'anthropic-messages', config })).toEqual([
      'google/gemini-2.5-flash',
      'openrouter/google/gemini-2.5-flash',
    ]);
  });
});

describe('an alias', () => {
  it('goes to its targets in their order, those without a key left out', () => {
    const aliases = new Map([['fast', ordered('openai/gpt-5', 'claude-sonnet-4-5', 'groq/x')]]);
    expect(route('fast', { keys: ['openai', 'anthropic'], config: { aliases } })).toMatchObject({
      to: ['openai/gpt-5', 'anthropic/claude-sonnet-4-5'],
      rule: 'alias fast',
    });
  });

  it('wins over a model of the same name, and may name it', () => {
    const aliases = new Map([['gpt-5', ordered('openrouter/openai/gpt-5', 'gpt-5')]]);
    expect(to('gpt-5', { keys: ['openai', 'openrouter'], config: { aliases } })).toEqual([
      'openrouter/openai/gpt-5',
    ]);
  });

  it('never wins over a provider', () => {
    const aliases = new Map([['openai/gpt-5', ordered('ollama/x')]]);
    expect(to('openai/gpt-5', { keys: ['openai'], config: { aliases } })).toEqual(['openai/gpt-5']);
  });

  it('of providers without keys is refused with the first of them', () => {
    const aliases = new Map([['fast', ordered('groq/x', 'openai/gpt-5')]]);
    expect(refusal('fast', { config: { aliases } }).message).toContain('no API key for groq');
  });
});

describe('default and auto', () => {
  it.each(['default', 'auto'])('stand for the default model: %s', (name) => {
    expect(route(name, { keys: ['openai'], model: 'gpt-5' })).toMatchObject({
      to: ['openai/gpt-5'],
      rule: 'default model',
    });
    expect(to(name, { keys: ['openai'], model: 'openai/x' })).toEqual(['openai/x']);
    const aliases = new Map([['fast', ordered('openai/gpt-5')]]);
    expect(to(name, { keys: ['openai'], model: 'fast', config: { aliases } })).toEqual(['openai/gpt-5']);
  });

  it('are refused when there is none, or when nobody serves it', () => {
    expect(refusal('default').message).toBe(
      'unorouter: no default model is set. Run: npx unorouter use <model>',
    );
    expect(refusal('auto', { model: 'gone-model-9' }).message).toBe(
      'unorouter: nobody serves the default model "gone-model-9". Run: npx unorouter use <model>',
    );
  });
});

describe('a bare name', () => {
  const all = ['anthropic', 'openrouter', 'vercel', 'requesty', 'venice'];
  const dearest = (keys: string[], config: Partial<Config> = {}): string | undefined =>
    to('claude-sonnet-4-5', { keys, config })[0]?.split('/')[0];

  it('goes to its maker, else by preference, else by the alphabet', () => {
    expect(dearest(all)).toBe('anthropic');
    expect(dearest(all, { prefer: ['vercel'] })).toBe('anthropic');
    expect(dearest(all.slice(1))).toBe('openrouter');
    expect(dearest(all.slice(1), { prefer: ['venice', 'vercel'] })).toBe('venice');
    expect(dearest(['vercel', 'requesty'])).toBe('requesty');
  });

  it('goes to a provider that runs models itself before one that resells', () => {
    expect(to('deepseek-v3.2', { keys: ['vercel', 'openrouter', 'alibaba-cn'] })).toEqual([
      'alibaba-cn/siliconflow/deepseek-v3.2',
    ]);
    expect(
      to('deepseek-v3.2', { keys: ['alibaba-cn', 'deepinfra'], config: { prefer: ['deepinfra'] } }),
    ).toEqual(['deepinfra/deepseek-ai/DeepSeek-V3.2']);
  });

  it('may be spelt as another seller spells it', () => {
    expect(to('claude-sonnet-4.5', { keys: ['anthropic'] })).toEqual(['anthropic/claude-sonnet-4-5']);
  });

  it('goes to the seller that speaks the protocol of the client, although another one has a key too', () => {
    const keys = ['openai', 'openrouter'];
    expect(to('gpt-5', { keys })).toEqual(['openai/gpt-5']);
    expect(to('gpt-5', { keys, protocol: 'anthropic-messages' })).toEqual(['openrouter/openai/gpt-5']);
    expect(to('gemini-2.5-flash', { keys: ['google', 'openrouter'], protocol: 'gemini' })).toEqual([
      'google/gemini-2.5-flash',
    ]);
  });

  it('is translated where no seller with a key speaks the protocol, in the order of sellers', () => {
    const protocol = 'gemini';
    expect(to('gpt-5', { keys: ['openai', 'openrouter'], protocol })).toEqual(['openai/gpt-5']);
    expect(to('claude-sonnet-4-5', { keys: ['openrouter', 'venice'], protocol })).toEqual([
      'openrouter/anthropic/claude-sonnet-4.5',
    ]);
    expect(route('gpt-5', { keys: ['openai'], protocol }).why[1]).toContain('translated to openai-responses');
  });

  it('is one target and the fallbacks of its seller', () => {
    const config = { fallbacks: new Map([['openai', ['openrouter']]]) };
    expect(to('gpt-5', { keys: ['openai', 'openrouter', 'vercel'], config })).toEqual([
      'openai/gpt-5',
      'openrouter/openai/gpt-5',
    ]);
  });

  it('is found where only the live list of a provider has it', async () => {
    const own = await loadCatalog();
    own.setLive('ollama', [{ id: 'my-own-model:7b' }]);
    expect(to('my-own-model:7b', { catalog: own })).toEqual(['ollama/my-own-model:7b']);
  });

  it('that is sold by providers without keys is refused with its maker', () => {
    expect(refusal('claude-sonnet-4-5').message).toMatch(
      /^unorouter: no API key for anthropic, which serves claude-sonnet-4-5\. /,
    );
    expect(refusal('gpt-5', { keys: ['anthropic'], protocol: 'gemini' })).toMatchObject({
      code: 'no_provider_key',
      message: expect.stringContaining('no API key for openai'),
    });
  });

  it('never means the demo', () => {
    expect(refusal('echo').code).toBe('unknown_model');
  });
});

describe('an unknown name', () => {
  it('is refused with suggestions', () => {
    const error = refusal('claude-sonet-4-5', { keys: ['anthropic'] });
    expect(error).toMatchObject({ code: 'unknown_model', kind: 'config', param: 'model' });
    expect(error.message).toMatch(/did you mean claude-sonnet-4-5/);
  });

  it('goes to the default model where the configuration says so', () => {
    const config = { unknownModel: 'default' as const };
    const planned = route('zzz-unheard-of', { keys: ['openai'], model: 'gpt-5', config });
    expect(planned).toMatchObject({ to: ['openai/gpt-5'], rule: 'unknown model' });
    expect(planned.why[0]).toContain('zzz-unheard-of');
    expect(refusal('zzz-unheard-of', { config }).code).toBe('unknown_model');
  });
});

describe('serve --demo', () => {
  it('answers every name in every protocol', () => {
    for (const protocol of ['openai-chat', 'openai-responses', 'anthropic-messages', 'gemini'] as const) {
      expect(route('claude-opus-5-5', { demo: true, protocol })).toMatchObject({
        to: ['demo/coder'],
        rule: 'demo',
      });
      expect(to('demo/echo', { demo: true, protocol })).toEqual(['demo/echo']);
      expect(to('demo/echo', { protocol })).toEqual(['demo/echo']);
    }
  });
});

describe('a sentence of refusal', () => {
  const states: KeyState[] = ['missing', 'locked', 'no-keychain', 'foreign-origin', 'disabled'];
  const all = (): GatewayError[] => [
    ...states.map((state) => refusal('openai/gpt-5', { states: { openai: state } })),
    refusal('default'),
    refusal('auto', { model: 'gone-9' }),
    refusal('zzz-unheard-of'),
    refusal('claude-sonet-4-5'),
    refusal('google/x', { keys: ['google'], protocol: 'openai-responses', endpoint: 'images' }),
    refusal(`evil\r\nname\u0000潮${'x'.repeat(300)}`),
    refusal(`openai/evil\r\nname${'x'.repeat(300)}`),
  ];

  it('is one short line that begins with who speaks and holds one command', () => {
    for (const { message, kind, status } of all()) {
      expect(message).toMatch(/^unorouter: [\x20-\x7e]+$/);
      expect(message.match(/npx unorouter /g)).toHaveLength(1);
      expect(message.length).toBeLessThan(320);
      expect([kind, status]).toEqual(['config', 400]);
    }
  });

  it('tells a locked keychain from none and from a key of another address', () => {
    const codes = Object.fromEntries(
      states.map((state) => [state, refusal('openai/gpt-5', { states: { openai: state } })]),
    );
    expect(codes.missing?.code).toBe('no_provider_key');
    expect(codes.locked).toMatchObject({
      code: 'keychain_locked',
      message: expect.stringContaining('Unlock it'),
    });
    expect(codes['no-keychain']).toMatchObject({
      code: 'no_keychain',
      message: expect.stringContaining('Set UNOROUTER_OPENAI_API_KEY'),
    });
    expect(codes['foreign-origin']?.message).toContain(
      'belongs to another address than https://api.openai.com',
    );
  });
});
