import { describe, expect, test } from 'vitest';
import { exchange } from '../../ledger/support/exchange-samples.ts';
import { runCli } from '../../support/cli.ts';
import { home, widest } from '../../support/home.ts';
import { ledgerHome } from '../support/ledger-home.ts';

const CONFIG = `small: openrouter/glm-4.6
fallbacks: { anthropic: [openrouter] }
routes:
  - { name: long, when: { input: "> 180k" }, to: google/gemini-2.5-pro }
  - { name: private, when: { project: payroll }, to: "ollama/*", strict: true }
  - { when: { agent: [claude, codex], time: "22:00-06:00", day: [sat, sun] }, to: [demo/echo, demo/coder] }
`;

/** Today's requests by rule, and one of yesterday. */
async function user() {
  const now = Date.now();
  const at = (id: string, rule: string, time: number, demo = false) => exchange(id, { rule, time, demo });
  const made = await ledgerHome([
    at('01A', 'long', now),
    at('01B', 'long', now, true),
    at('01C', 'default', now),
    at('01D', 'long', now - 26 * 3_600_000),
  ]);
  made.home.writeConfig(CONFIG);
  return made;
}

describe('routes list', () => {
  test('shows the rules in order, the built-in ones, and their requests of today', async () => {
    const { cli } = await user();
    const { stdout, stderr, code } = await cli(['routes', 'list', '--width', '100']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(
      `${[
        '# RULE    WHEN                                                      SEND TO                    TODAY',
        '1 long    input > 180k tokens                                       google/gemini-2.5-pro          2',
        '2 private project = payroll (declared)                              ollama/*, strictly             0',
        '3 rule 3  agent = claude or codex, time 22:00-06:00, day = sat or … demo/echo, then demo/coder     0',
        '– small   role = small                                              openrouter/glm-4.6             0',
        '– default anything else                                             the model that was asked       1',
        'Fallbacks  anthropic → openrouter   on 429, 5xx, timeout before the first token',
        'Attempts   3 at the first target, 1 at each further one, begun within 1m 00s',
      ].join('\n')}\n`,
    );
  });

  test('fits 60 columns, and is whole when piped', async () => {
    const { cli } = await user();
    const narrow = await cli(['routes', '--width', '60']);
    expect(widest(narrow.stdout)).toBeLessThanOrEqual(60);
    expect((await cli(['routes'])).stdout).toContain(
      'agent = claude or codex, time 22:00-06:00, day = sat or sun',
    );
  });

  test('--json has what the rules are made of', async () => {
    const { cli } = await user();
    const { stdout } = await cli(['routes', 'list', '--json=number,name,when,to,strict,today']);
    expect(JSON.parse(stdout)).toMatchObject([
      {
        ...{ number: 1, name: 'long', when: { input: { sign: '>', value: 180_000 } } },
        ...{ to: ['google/gemini-2.5-pro'], strict: null, today: 2 },
      },
      { number: 2, name: 'private', when: { project: ['payroll'] }, strict: true, today: 0 },
      { number: 3, name: 'rule 3' },
      { number: null, name: 'small', to: ['openrouter/glm-4.6'] },
      { number: null, name: 'default', today: 1 },
    ]);
  });

  test('without rules says how to make one', async () => {
    const { stdout, stderr } = await runCli(home(), ['routes']);
    expect(stdout).toContain('– default anything else the model that was asked     0\n');
    expect(stderr).toBe('No rules yet. Add one: unorouter routes add --help\n');
  });

  test('what is no command of routes is exit 2', async () => {
    expect(await runCli(home(), ['routes', 'gpt-5'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('unorouter routes explain gpt-5'),
    });
  });
});

test('logs --rule and spend --by rule know what decided', async () => {
  const { cli } = await user();
  const logs = JSON.parse((await cli(['logs', '--rule', 'long', '--json=rule,id'])).stdout);
  expect(logs.map(({ id }: { id: string }) => id).sort()).toEqual(['01A', '01B', '01D']);
  const spend = JSON.parse((await cli(['spend', '--by', 'rule', '--json'])).stdout);
  expect(JSON.stringify(spend)).toContain('"rule":"long"');
});
