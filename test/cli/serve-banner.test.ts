import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { type BannerFacts, bannerText, warningLines } from '../../src/cli/commands/serve/banner.ts';
import { tryIt } from '../../src/cli/commands/serve/try-it.ts';
import { createLook, widthOf } from '../../src/cli/render/index.ts';
import type { KeyEntry } from '../../src/keys/index.ts';
import type { ServerStatus } from '../../src/server/index.ts';
import { NOW, TODAY } from './support/log.ts';

const key = (provider: string, fields: Partial<KeyEntry> = {}): KeyEntry => ({
  provider,
  label: 'default',
  masked: 'sk-…w7Qa',
  source: 'keychain',
  where: 'keychain',
  shadowed: [],
  problem: null,
  ...fields,
});

const KEYS = [
  key('anthropic'),
  key('openai'),
  key('openrouter'),
  key('google', { source: 'well-known', where: '$GEMINI_API_KEY' }),
  key('mistral', { masked: null, source: null, where: null, problem: 'locked' }),
];

function facts(status: Partial<ServerStatus> = {}, fields: Partial<BannerFacts> = {}): BannerFacts {
  return {
    status: {
      running: true,
      pid: 41_210,
      url: 'http://127.0.0.1:8667',
      version: '0.1.0',
      startedAt: NOW,
      auth: true,
      demo: false,
      bodies: 'off',
      private: false,
      default: 'claude-sonnet-4-5',
      keys: KEYS,
      local: [{ provider: 'ollama', url: 'http://127.0.0.1:11434/v1', models: 4 }],
      today: TODAY,
      budgets: [],
      health: [],
      session: TODAY,
      live: [],
      refused: 0,
      problems: [],
      ...status,
    },
    token: 'uno-abcdefghijklmnopqrstuvwxyz',
    openHost: null,
    prefix: 'unorouter',
    knownProviders: 60,
    lookedIn: 'keychain, environment',
    startMs: 212,
    hints: true,
    ...fields,
  };
}

const look = (width: number, ascii = false) => createLook({ width, color: false, ascii });

describe('the banner', () => {
  it('tells everything on 100 columns', () => {
    expect(bannerText(facts(), look(100))).toMatchInlineSnapshot(`
      "unorouter 0.1.0                                                                          up in 0.21s

        OpenAI       http://127.0.0.1:8667/v1           chat/completions, responses, embeddings, models
        Anthropic    http://127.0.0.1:8667              /v1/messages, /v1/messages/count_tokens
        Gemini       http://127.0.0.1:8667              /v1beta/models/…:generateContent

        Keys         ● anthropic  ● openai  ● openrouter  (keychain)
                     ● google  from $GEMINI_API_KEY, not stored
                     ▲ mistral  keychain locked, or key removed there
                     ○ 56 others  unorouter keys add <provider>
        Local        ● ollama  4 models at 127.0.0.1:11434
        Default      claude-sonnet-4-5                  change: unorouter use <model>

        Try it, in another terminal
          curl -N http://127.0.0.1:8667/v1/chat/completions \\
            -H 'authorization: Bearer uno-abcdefghijklmnopqrstuvwxyz' \\
            -H 'content-type: application/json' \\
            -d '{"model":"claude-sonnet-4-5","stream":true,"messages":[{"role":"user","content":"hi"}]}'
        Start an agent, with none of its files changed
          unorouter run -- claude
        Anything else
          eval "$(unorouter env)"   sets OPENAI_BASE_URL, OPENAI_API_KEY, ANTHROPIC_BASE_URL and others

      Ready. Waiting for requests.    columns: unorouter serve --help · Ctrl-C stop
      "
    `);
  });

  it('tells it on 60 columns', () => {
    expect(bannerText(facts(), look(60))).toMatchInlineSnapshot(`
      "unorouter 0.1.0 · up in 0.21s

      OpenAI     http://127.0.0.1:8667/v1
      Anthropic  http://127.0.0.1:8667
      Gemini     http://127.0.0.1:8667

      Keys       ● anthropic  ● openai  ● openrouter  (keychain)
                 ● google  from $GEMINI_API_KEY, not stored
                 ▲ mistral  keychain locked, or key removed there
                 ○ 56 others  unorouter keys add <provider>
      Local      ● ollama  4 models at 127.0.0.1:11434
      Default    claude-sonnet-4-5

      Try it
      curl -N http://127.0.0.1:8667/v1/chat/completions \\
      -H 'authorization: Bearer uno-abcdefghijklmnopqrstuvwxyz' \\
      -H 'content-type: application/json' \\
      -d '{"model":"claude-sonnet-4-5","stream":true,
      "messages":[{"role":"user","content":"hi"}]}'
      Start an agent
      unorouter run -- claude
      Anything else
      eval "$(unorouter env)"

      Ready. Waiting for requests.    Ctrl-C stop
      "
    `);
  });

  it('tells what to do when there is no key', () => {
    expect(bannerText(facts({ keys: [], local: [], default: null }), look(100))).toMatchInlineSnapshot(`
      "unorouter 0.1.0                                                                           no key yet

        OpenAI       http://127.0.0.1:8667/v1           chat/completions, responses, embeddings, models
        Anthropic    http://127.0.0.1:8667              /v1/messages, /v1/messages/count_tokens
        Gemini       http://127.0.0.1:8667              /v1beta/models/…:generateContent

        Keys         ○ none yet                         looked in: keychain, environment
        Demo         ● demo/echo, demo/coder and 4 more answer without a key or internet

        Add a key, in another terminal
          unorouter keys add anthropic
        Try it, in another terminal
          curl -N http://127.0.0.1:8667/v1/chat/completions \\
            -H 'authorization: Bearer uno-abcdefghijklmnopqrstuvwxyz' \\
            -H 'content-type: application/json' \\
            -d '{"model":"demo/echo","stream":true,"messages":[{"role":"user","content":"hi"}]}'
        Start an agent, with none of its files changed
          unorouter run --model demo/coder -- claude
        Anything else
          eval "$(unorouter env)"   sets OPENAI_BASE_URL, OPENAI_API_KEY, ANTHROPIC_BASE_URL and others

      Ready. Waiting for requests.    columns: unorouter serve --help · Ctrl-C stop
      "
    `);
  });

  it('tells what to do when there is no key on 60 columns', () => {
    expect(bannerText(facts({ keys: [], local: [], default: null }), look(60))).toMatchInlineSnapshot(`
      "unorouter 0.1.0 · no key yet

      OpenAI     http://127.0.0.1:8667/v1
      Anthropic  http://127.0.0.1:8667
      Gemini     http://127.0.0.1:8667

      Keys       ○ none yet
      Demo       ● demo/echo, demo/coder and 4 more answer without
                   a key or internet

      Add a key, in another terminal
      unorouter keys add anthropic
      Try it
      curl -N http://127.0.0.1:8667/v1/chat/completions \\
      -H 'authorization: Bearer uno-abcdefghijklmnopqrstuvwxyz' \\
      -H 'content-type: application/json' \\
      -d '{"model":"demo/echo","stream":true,
      "messages":[{"role":"user","content":"hi"}]}'
      Start an agent
      unorouter run --model demo/coder -- claude
      Anything else
      eval "$(unorouter env)"

      Ready. Waiting for requests.    Ctrl-C stop
      "
    `);
  });

  it.each([60, 79, 80, 81, 99, 100, 140])('fits in %i columns', (width) => {
    const many = 'abcdefghijklmnopqrstuvwxyz'.split('').map((letter) => key(`provider-${letter}`));
    for (const keys of [[], KEYS, many])
      for (const line of bannerText(
        facts({ keys, auth: false, problems: ['not recording: the disk is full'] }, { openHost: '10.0.0.7' }),
        look(width),
      ).split('\n'))
        expect(widthOf(line)).toBeLessThanOrEqual(width);
  });

  it('ends with Ready., and names keys of the keyboard to people only', () => {
    const piped = bannerText(facts({}, { hints: false }), look(Number.POSITIVE_INFINITY));
    expect(piped.trimEnd().split('\n').at(-1)).toBe('Ready. Waiting for requests.');
    expect(bannerText(facts(), look(100)).trimEnd().split('\n').at(-1)).toMatch(/^Ready\. .*Ctrl-C stop$/);
  });

  it('is plain with --ascii', () => {
    for (const keys of [[], KEYS])
      expect(bannerText(facts({ keys }), look(60, true)).replaceAll('sk-…w7Qa', '')).toMatch(
        /^[\x20-\x7e\n]*$/,
      );
  });

  it('never shows a key', () => {
    expect(bannerText(facts(), look(100))).not.toContain('w7Qa');
  });

  it('warns of open doors and of trouble, also without a banner', () => {
    const open = facts(
      { auth: false, problems: ['not recording: the disk is full'] },
      { token: null, openHost: '0.0.0.0' },
    );
    const text = warningLines(open, look(60)).join('\n');
    expect(text.replace(/\s+/g, ' ')).toContain('every program on this machine can spend');
    expect(text).toContain('0.0.0.0');
    expect(text).toContain('the disk is full');
    expect(bannerText(open, look(60))).toContain(text);
    expect(bannerText(open, look(60))).not.toContain('authorization');
  });

  it('says that a demo server calls nobody', () => {
    const text = bannerText(facts({ demo: true }), look(100));
    expect(text).toContain('the built-in demo answers every model name');
    expect(text).toContain('"model":"claude-sonnet-4-5"');
  });
});

describe('the request to paste', () => {
  const paste = (lines: string[]): string[] =>
    JSON.parse(
      execFileSync(
        'sh',
        [
          '-c',
          `curl() { node -e 'console.log(JSON.stringify(process.argv.slice(1)))' -- "$@"; }\n${lines.join('\n')}`,
        ],
        {
          encoding: 'utf8',
        },
      ),
    );

  it.skipIf(process.platform === 'win32').each([40, 60, 100])(
    'is one command of a shell at %i columns',
    (width) => {
      const request = {
        url: 'http://127.0.0.1:8667',
        token: "uno-o'dd",
        model: `it's "odd" $(touch x) \u001b`,
      };
      const argv = paste(tryIt(request, width));
      expect(argv.slice(0, 6)).toEqual([
        '-N',
        'http://127.0.0.1:8667/v1/chat/completions',
        '-H',
        "authorization: Bearer uno-o'dd",
        '-H',
        'content-type: application/json',
      ]);
      expect(JSON.parse(argv[7] ?? '')).toEqual({
        model: request.model,
        stream: true,
        messages: [{ role: 'user', content: 'hi' }],
      });
    },
  );

  it('shows no token where none is asked for', () => {
    expect(
      tryIt({ url: 'http://127.0.0.1:1', token: null, model: 'demo/echo' }, 100).join('\n'),
    ).not.toContain('authorization');
  });
});
