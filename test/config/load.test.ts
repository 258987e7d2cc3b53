import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  type Config,
  type ConfigProblem,
  DEFAULTS,
  formatProblem,
  invalidConfig,
  loadConfig,
  parseConfig,
} from '../../src/config/index.ts';
import { temporaryDirectory } from './temporary.ts';

const example = readFileSync(new URL('./fixtures/example.yaml', import.meta.url), 'utf8');

async function valid(source: string): Promise<{ config: Config; warnings: string[] }> {
  const result = await parseConfig('/home/ada/config.yaml', source);
  if (!result.ok) throw new Error(result.problems.map((p) => formatProblem(p, source)).join('\n'));
  return result;
}

async function problemsOf(source: string): Promise<ConfigProblem[]> {
  const result = await parseConfig('/home/ada/config.yaml', source);
  return result.ok ? [] : result.problems;
}

/** All problems of a text as people read them. */
const complaints = async (source: string): Promise<string> =>
  (await problemsOf(source)).map((problem) => formatProblem(problem, source)).join('\n');

describe('a file that is fine', () => {
  test('a missing file means all defaults', async () => {
    const result = await loadConfig(join(temporaryDirectory(), 'none', 'config.yaml'));
    expect(result).toEqual({ ok: true, config: DEFAULTS, warnings: [], exists: false });
  });

  test.each(['', '\n', '# only a comment\n', 'aliases:\nproviders:\n  # acme: {}\n'])(
    'a file without settings (%j) means all defaults, but exists',
    async (source) => {
      const file = join(temporaryDirectory(), 'config.yaml');
      writeFileSync(file, source);
      expect(await loadConfig(file)).toEqual({ ok: true, config: DEFAULTS, warnings: [], exists: true });
    },
  );

  test('the defaults are the constants of the reliability rules', () => {
    expect(DEFAULTS.retry).toEqual({ attempts: 3, deadlineMs: 60_000 });
    expect(DEFAULTS.timeouts).toEqual({
      connectMs: 5_000,
      headersMs: 600_000,
      firstContentMs: 600_000,
      idleMs: 180_000,
      totalMs: 3_600_000,
    });
    expect(DEFAULTS.server.drainMs).toBe(30_000);
    expect(DEFAULTS.log).toEqual({ bodies: 'off', keepMs: 90 * 86_400_000, maxBytes: 512 * 1024 * 1024 });
    expect(DEFAULTS.unknownModel).toBe('error');
  });

  test('the example of the documentation loads with every value in its place', async () => {
    const { config } = await valid(example);
    expect(config).toMatchObject({
      default: 'claude-sonnet-4-5',
      small: 'openrouter/glm-4.6',
      unknownModel: 'error',
      retry: { attempts: 3, deadlineMs: 60_000 },
      budgets: [
        {
          name: 'daily budget',
          of: {},
          span: 'day',
          limitNanoUsd: 10_000_000_000,
          warnAt: 0.8,
          action: 'block',
          to: null,
        },
        {
          ...{ name: 'daily budget of project web', of: { project: 'web' }, span: 'day' },
          ...{ limitNanoUsd: 3_000_000_000, warnAt: 0.8, action: 'downgrade', to: 'small' },
        },
      ],
    });
    expect(Object.fromEntries(config.aliases)).toEqual({
      fast: { kind: 'ordered', targets: ['groq/llama-4-maverick'] },
      smart: {
        kind: 'ordered',
        targets: ['anthropic/claude-opus-5-5', 'openrouter/anthropic/claude-opus-5.5'],
      },
      split: {
        kind: 'weighted',
        targets: [
          { target: 'openai/gpt-6', weight: 70 },
          { target: 'openrouter/openai/gpt-6', weight: 30 },
        ],
      },
      bulk: { kind: 'cheapest', targets: ['deepseek/deepseek-chat', 'openrouter/qwen3-coder'] },
    });
    expect(config.routes).toEqual([
      { name: 'private', line: 11, when: { project: ['payroll'] }, to: ['ollama/*'] },
      { name: 'background', line: 14, when: { role: 'small' }, to: ['openrouter/glm-4.6'] },
      {
        name: 'long',
        line: 17,
        when: { input: { sign: '>', value: 180_000 } },
        to: ['google/gemini-2.5-pro'],
      },
    ]);
    expect(config.fallbacks.get('anthropic')).toEqual(['openrouter']);
    expect(config.prices.get('acme/llama-4-mav')).toEqual({ input: 0.2, output: 0.6 });
    expect(config.providers.get('acme')).toEqual({
      url: 'https://llm.acme.internal/v1',
      protocol: ['openai-chat'],
      headers: { 'x-team': 'core' },
    });
  });

  test('every key has its place in the configuration', async () => {
    const { config } = await valid(`
prefer: [openrouter]
unknown_model: default
strict: true
retry: { attempts: 1, deadline: 0 }
timeouts: { connect: 500ms, headers: 1m, first_content: 2m, idle: 1.5s, total: 1h }
budget: 15/month
prices: { acme/m: { cached: 0.1, cache_write: 3.75, cache_write_1h: 6, input_audio: 1, output_audio: 2, input_image: 3, output_image: 4, per_request: 0.005, per_search: 0.01 } }
providers:
  acme:
    url: acme.example/v1/chat/completions
    protocol: [openai-chat, anthropic-messages]
    auth: none
    keys: ACME_KEY
    timeouts: { idle: 5m }
    quirks: [no-stream-options]
server:
  host: 0.0.0.0
  port: 9000
  allow_hosts: [gateway.example]
  allow_origins: ['http://localhost:3000']
  tls: { cert: /c.pem, key: /k.pem }
  drain: 0
  on_client_abort: drain
network: { proxy: none, ca: /ca.pem }
log: { bodies: errors, keep: 0, max: 1GB }
catalog: { refresh: false }
agents: { claude: { model: x } }
`);
    expect(config).toEqual({
      ...DEFAULTS,
      prefer: ['openrouter'],
      unknownModel: 'default',
      strict: true,
      retry: { attempts: 1, deadlineMs: 0 },
      timeouts: {
        connectMs: 500,
        headersMs: 60_000,
        firstContentMs: 120_000,
        idleMs: 1_500,
        totalMs: 3_600_000,
      },
      budgets: [
        {
          ...{ name: 'monthly budget', line: 7, of: {}, span: 'month' },
          ...{ limitNanoUsd: 15_000_000_000, warnAt: 0.8, action: 'block', to: null },
        },
      ],
      prices: new Map([
        [
          'acme/m',
          {
            ...{ cached: 0.1, cacheWrite: 3.75, cacheWrite1h: 6, inputAudio: 1, outputAudio: 2 },
            ...{ inputImage: 3, outputImage: 4, perRequest: 0.005, perSearch: 0.01 },
          },
        ],
      ]),
      providers: new Map([
        [
          'acme',
          {
            url: 'https://acme.example/v1',
            protocol: ['openai-chat', 'anthropic-messages'],
            auth: 'none',
            keys: ['ACME_KEY'],
            timeouts: { idleMs: 300_000 },
            quirks: ['no-stream-options'],
          },
        ],
      ]),
      server: {
        host: '0.0.0.0',
        port: 9000,
        allowHosts: ['gateway.example'],
        allowOrigins: ['http://localhost:3000'],
        drainMs: 0,
        onClientAbort: 'drain',
      },
      network: { proxy: 'none', ca: '/ca.pem' },
      log: { bodies: 'errors', keepMs: 0, maxBytes: 1024 ** 3 },
      catalog: { refresh: false },
      agents: new Map([['claude', { model: 'x' }]]),
    });
  });
});

describe('warnings', () => {
  test('a setting that is not applied yet is said, one sentence each', async () => {
    expect((await valid(example)).warnings).toEqual([]);
    const others = 'log: { bodies: on }\nserver: { tls: { cert: c, key: k } }\nagents: { x: {} }\n';
    expect((await valid(others)).warnings.map((warning) => warning.split(' ')[0])).toEqual([
      'server.tls',
      'agents',
    ]);
  });

  test('a target with an unknown word in front of its slash is warned about: it may be a model id', async () => {
    const { warnings } = await valid(
      `aliases: { fast: grq/x, slow: [acme/y, openai/z], same: fast/1, fast/1: z }\nroutes: [{ to: zz-maker/glm-4.7 }]\nproviders: { acme: { url: https://a.example } }\n`,
    );
    expect(warnings).toEqual([
      'aliases.fast: there is no provider "grq", so this is read as a model\'s own name; did you mean "groq"?',
      'routes[0].to: there is no provider "zz-maker", so this is read as a model\'s own name',
    ]);
  });

  test('a key in a header is warned about without repeating it', async () => {
    const { warnings } = await valid(
      `providers:\n  acme: { url: 'https://a.example', headers: { Authorization: Bearer abc, x-team: core, x-k: sk-${'a'.repeat(30)} } }\n`,
    );
    expect(warnings).toHaveLength(2);
    expect(warnings[0]).toContain('providers.acme.headers.Authorization looks like a key');
    expect(warnings[1]).toContain('providers.acme.headers.x-k looks like a key');
    expect(warnings.join()).not.toMatch(/abc|aaaa/);
  });
});

describe('a file with mistakes', () => {
  test('an unknown setting is shown in its line, with carets and a suggestion', async () => {
    expect(await complaints('default: a\nretry:\n  attemps: 3\n')).toBe(
      [
        'config.yaml:3:3: "attemps" is not a setting of retry',
        '    3 |   attemps: 3',
        '      |   ^^^^^^^ did you mean "attempts"?',
      ].join('\n'),
    );
  });

  test.each([
    ['fallbak: { a: [b] }', 'did you mean "fallbacks"?'],
    ['unknownModel: error', 'did you mean "unknown_model"?'],
    ['keep: 3d', 'did you mean "log.keep"?'],
    ['allow_origins: []', 'did you mean "server.allow_origins"?'],
    ['providers: { acme: { base_url: x } }', 'did you mean "url"?'],
    ['providers: { acme: { apiKey: x } }', 'keys are not kept here: unorouter keys add'],
    ['unknown_model: eror', 'did you mean "error"?'],
    ['retry: { deadline: 60 }', 'did you mean "60s"?'],
    ['log: { max: 512 }', 'did you mean "512MB"?'],
  ])('%s: %s', async (source, hint) => {
    expect((await problemsOf(source)).map((problem) => problem.hint)).toContain(hint);
  });

  test('a word like nothing we know gets no suggestion', async () => {
    const [problem] = await problemsOf('zzzzzz: 1\n');
    expect(problem).not.toHaveProperty('hint');
  });

  test.each([
    ['unknown_model: maybe', 16, 'unknown_model must be one of error, default'],
    ['default: two words', 10, 'default must be a model name without spaces'],
    ['retry: { attempts: 0 }', 20, 'retry.attempts must be a whole number from 1 to 10'],
    ['timeouts: { idle: 0s }', 19, 'timeouts.idle must be longer than 0 and at most 24h'],
    ['timeouts: { idle: 25d }', 19, 'timeouts.idle must be longer than 0 and at most 24h'],
    ['timeouts: { idle: 5 minutes }', 19, 'timeouts.idle must be a duration with its unit'],
    ['log: { keep: 3y }', 14, 'log.keep must be a duration with its unit'],
    ['server: { port: 70000 }', 17, 'server.port must be a whole number from 1 to 65535'],
    ['server: { allow_origins: [http://a/b] }', 27, 'server.allow_origins[0] must be an exact origin'],
    ['routes: [{ when: { input: 180k }, to: m }]', 27, 'routes[0].when.input must be a comparison'],
    ['routes: [{ when: { model: (a+)+$ }, to: m }]', 27, 'routes[0].when.model must be a name or a pattern'],
    ['routes: [{ name: x }]', 10, 'routes[0].to is missing'],
    ['aliases: { a: { weigted: { m: 1 } } }', 15, 'aliases.a must be a model, a list of models'],
    ['providers: { Acme: { url: x.example } }', 14, 'providers.Acme must be a provider id'],
    ['providers: { a: { url: "https://u:p@x.example" } }', 24, 'providers.a.url must be an http(s) URL'],
    ['providers: { a: { protocol: openai } }', 29, 'providers.a.protocol must be one of openai-chat'],
    [
      'providers: { a: { headers: { x: "a\\nb" } } }',
      33,
      'providers.a.headers.x must be text without line breaks',
    ],
    [
      'providers: { a: { keys: [sk-123] } }',
      26,
      'providers.a.keys[0] must be the name of an environment variable',
    ],
    ['prices: { gpt: { input: 1 } }', 11, 'prices.gpt must be PROVIDER/MODEL'],
    [
      'prices: { a/b: { per_search: -1 } }',
      30,
      'prices.a/b.per_search must be a number of US dollars from 0 to 1000',
    ],
    ['prices: { a/b: { per_reqest: 1 } }', 18, '"per_reqest" is not a setting of prices.a/b'],
    ['prices: { a/b: { input: -1 } }', 25, 'prices.a/b.input must be a number of US dollars'],
    ['- a', 1, 'the file must be a mapping'],
    ['__proto__: { x: 1 }', 1, '"__proto__" is not a setting'],
  ])('%s is refused at column %i: %s', async (source, column, message) => {
    const [problem] = await problemsOf(source);
    expect(problem).toMatchObject({ line: 1, column, file: '/home/ada/config.yaml' });
    expect(problem?.message).toContain(message);
  });

  test.each([
    ['routes: [{ name: x, to: a }, { name: x, to: b }]', 38, 'two rules are named "x"'],
    ['routes: [{ name: rule 2, to: a }, { to: b }]', 18, 'two rules are named "rule 2"'],
    ['routes: [{ name: default, to: a }]', 18, 'a rule cannot be named "default"'],
    ['routes: [{ when: { time: "09:00-09:00" }, to: a }]', 26, 'routes[0].when.time begins when it ends'],
    ['routes: [{ to: openai/gpt-* }]', 16, 'routes[0].to must be a model, or PROVIDER/*'],
    ['routes: [{ to: [a, opnai/*] }]', 20, 'routes[0].to[1]: there is no provider "opnai"'],
    ['aliases: { a: openai/* }', 15, 'aliases.a must be one model'],
    ['aliases: { a: { weighted: { openai/*: 1 } } }', 39, 'aliases.a.weighted.openai/* must be one model'],
    ['default: openai/*', 10, 'default must be one model'],
    ['aliases: { a: { weighted: {} } }', 27, 'aliases.a.weighted gives no model a share'],
    ['aliases: { a: { weighted: { x: 0, y: 0 } } }', 27, 'aliases.a.weighted gives no model a share'],
    ['budget: { warn: 80% }', 9, 'budget has no amount'],
    ['budgets: [{ day: 3 }]', 11, 'budgets[0] says not whose it is'],
    ['budget: { day: 3, action: downgrade }', 27, 'budget says not where to'],
    ['budget: { day: 3, to: small }', 23, 'budget.to is for "action: downgrade" only'],
    ['budget: { day: 3, action: downgrade, to: opnai/* }', 42, 'budget.to: there is no provider "opnai"'],
    [
      'budgets: [{ agent: a, day: 1 }, { agent: a, day: 2 }]',
      33,
      'two amounts for the daily budget of agent a',
    ],
    ['budgets: [{ project: a, week: 1 }]\nlog: { keep: 3d }', 31, 'is longer than requests are kept'],
    ['routes: [{ name: daily budget, to: a }]', 18, 'a rule cannot be named "daily budget"'],
    ['aliases: { a: a }', 15, '"a" stands for itself'],
    ['aliases: { a: [b, c], b: x, c: { fastest: [a] } }', 15, '"a" stands for itself'],
    ['default: auto', 10, '"default" stands for itself'],
    ['small: small', 8, '"small" stands for itself'],
    ['default: fast\naliases: { fast: default }', 10, '"default" stands for itself'],
  ])('%s does not fit together: column %i, %s', async (source, column, message) => {
    const problems = await problemsOf(source);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ line: 1, column });
    expect(problems[0]?.message).toContain(message);
  });

  test('a circle of aliases is shown as the way back', async () => {
    expect(await complaints('aliases:\n  a: b\n  b: [x, c]\n  c: { cheapest: [a] }\n')).toBe(
      ['config.yaml:2:6: "a" stands for itself', '    2 |   a: b', '      |      ^ a -> b -> c -> a'].join(
        '\n',
      ),
    );
  });

  test.each([
    'aliases: { a: openai/a, openai/b: a, small: small-model }\nsmall: small\ndefault: small\n',
    'aliases: { a: [b, c], b: d, c: d, d: x }\n',
    'aliases: { default: auto }\ndefault: gpt-5\n',
    'aliases: { a: { weighted: { x: 0, y: 1 } } }\n',
    'providers: { acme: { url: https://a.example } }\nroutes: [{ name: x, to: acme/* }, { to: [gpt/*] }]\n',
  ])('%j fits together', async (source) => {
    expect(await complaints(source)).toBe('');
  });

  test('all mistakes are told together, in the order of the file, but at most ten', async () => {
    const three = await problemsOf('server: { port: x }\ndefalt: a\nretry: { deadline: soon }\n');
    expect(three.map((problem) => problem.line)).toEqual([1, 2, 3]);
    const many = Array.from({ length: 30 }, (_, i) => `zzz${i}: 1\n`).join('');
    expect(await problemsOf(many)).toHaveLength(10);
  });

  test('thousands of mistakes are answered at once', async () => {
    const source = Array.from({ length: 20_000 }, (_, i) => `zz${i}: 1\n`).join('');
    expect(await problemsOf(source)).toHaveLength(10);
  });

  test.each([
    ['default: a: b\n', 1, 'a second ": " on this line'],
    ['log:\n\tkeep: 3d\n', 2, 'a tab cannot indent'],
    ['default: a\ndefault: b\n', 2, '"default" is set twice'],
    ['prefer: [a, b\ndefault: c\n', 2, 'this is not YAML'],
    ['default: "a\n', 2, 'this is not YAML: missing closing "quote'],
    ['default: a\n---\ndefault: b\n', 2, 'only one YAML document'],
    ['default: *nobody\n', 1, 'this is not usable YAML'],
    ['['.repeat(100_000), 1, 'brackets nested more than 50 deep'],
    [`# ${'x'.repeat(1024 * 1024)}`, 1, 'larger than 256 KB'],
  ])('broken YAML (%#) is a problem with a line, never an exception', async (source, line, message) => {
    const [problem] = await problemsOf(source);
    expect(problem?.line).toBe(line);
    expect(problem?.message).toContain(message);
  });

  test('half of a valid file never throws, wherever it is cut', async () => {
    for (let length = 0; length < example.length; length += 7) {
      const result = await parseConfig('config.yaml', example.slice(0, length));
      expect(typeof result.ok).toBe('boolean');
    }
  });

  test('a key is masked in the shown line, and the carets stay in place', async () => {
    const source = `providers: { acme: { api_key: sk-${'a'.repeat(30)}, x: 1 } }\n`;
    const text = await complaints(source);
    expect(text).not.toContain('aaaa');
    expect(text).toContain(`${' '.repeat('providers: { acme: { '.length)}^^^^^^^ keys are`);
  });

  test('a long line is shown around the mistake, a tab and an escape sequence as spaces', async () => {
    const padding = 'x'.repeat(300);
    const long = (await complaints(`prefer: [${padding.slice(0, 40)}, '${padding}']\n`)).split('\n');
    expect(Math.max(...long.slice(1).map((line) => line.length))).toBeLessThan(120);
    const [problem] = await problemsOf('default: "a\\u001b b"\n');
    const shown = formatProblem(problem as ConfigProblem, 'default:\t"\u001b[31m b"\n');
    expect(shown.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
  });

  test('the error for commands has exit code 3, every problem, and the command that helps', async () => {
    const source = 'defalt: a\nprefr: b\n';
    const error = invalidConfig(await problemsOf(source), source);
    expect(error).toMatchObject({ code: 'config_invalid', exit: 3, fix: ['{cmd} config edit'] });
    expect(error.message).toContain('config.yaml:1:1: "defalt" is not a setting');
    expect(error.message).toContain('config.yaml:2:1: "prefr" is not a setting');
  });
});

describe('a file that is not safe', () => {
  test('a symbolic link is not loaded', async () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, 'other.yaml'), 'default: evil\n');
    symlinkSync(join(directory, 'other.yaml'), join(directory, 'config.yaml'));
    const result = await loadConfig(join(directory, 'config.yaml'));
    expect(result).toMatchObject({ ok: false, source: '' });
    expect(result.ok ? '' : formatProblem(result.problems[0] as ConfigProblem, result.source)).toMatch(
      /config\.yaml: is not loaded: it is a symbolic link\n {4}look at it/,
    );
  });

  test('a directory is not loaded', async () => {
    const directory = temporaryDirectory();
    mkdirSync(join(directory, 'config.yaml'));
    expect(await loadConfig(join(directory, 'config.yaml'))).toMatchObject({ ok: false });
  });

  test.runIf(process.getuid?.() !== 0)(
    'a file that cannot be read is a problem, not an exception',
    async () => {
      const file = join(temporaryDirectory(), 'config.yaml');
      writeFileSync(file, 'default: a\n');
      chmodSync(file, 0);
      expect(await loadConfig(file)).toMatchObject({ ok: false });
    },
  );
});
