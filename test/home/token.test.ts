import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createTokenCheck, homePaths, newToken, parseToken } from '../../src/home/index.ts';

describe('the local token', () => {
  test('has 130 random bits in letters that need no quotes', () => {
    const tokens = Array.from({ length: 100 }, () => newToken());
    for (const token of tokens) expect(token).toMatch(/^uno-[a-z2-7]{26}$/);
    expect(new Set(tokens).size).toBe(100);
    expect(newToken((size) => Buffer.alloc(size, 0xff))).toBe(`uno-${'7'.repeat(26)}`);
  });

  test.each([
    ['uno-x', null, null],
    ['uno-x.cline', 'cline', null],
    ['uno-x.cline.web', 'cline', 'web'],
    ['uno-x..web', null, 'web'],
    ['uno-x.a%20b.my%2Eapp', 'a b', 'my.app'],
    ['uno-x.%zz.web', null, 'web'],
  ])('%s names agent %s and project %s', (presented, agent, project) => {
    expect(parseToken(presented)).toEqual({ token: 'uno-x', agent, project });
  });

  test('gives back every label that was put behind it', () => {
    const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
    const encode = (text: string): string => encodeURIComponent(text).replaceAll('.', '%2E');
    fc.assert(
      fc.property(name, name, (agent, project) => {
        const check = createTokenCheck('uno-x');
        expect(check(`uno-x.${encode(agent)}.${encode(project)}`)).toEqual({ ok: true, agent, project });
      }),
    );
  });

  test('is checked whole, also when it holds dots; names of a wrong one are not believed', () => {
    const check = createTokenCheck('my.own.token');
    expect(check('my.own.token')).toEqual({ ok: true, agent: null, project: null });
    for (const wrong of [undefined, '', 'my', 'my.own.tokens', 'x.cline.web'])
      expect(check(wrong)).toEqual({ ok: false, agent: null, project: null });
  });
});

describe('where everything lies', () => {
  test.each<[NodeJS.ProcessEnv, NodeJS.Platform, string, string]>([
    [{ HOME: '/h' }, 'linux', '/h/.config/unorouter/config.yaml', '/h/.local/state/unorouter'],
    [{ HOME: '/h' }, 'darwin', '/h/.config/unorouter/config.yaml', '/h/.local/state/unorouter'],
    [
      { HOME: '/h', XDG_CONFIG_HOME: '/c', XDG_STATE_HOME: '/s' },
      'linux',
      '/c/unorouter/config.yaml',
      '/s/unorouter',
    ],
    [
      { HOME: '/h', XDG_CONFIG_HOME: 'c' },
      'linux',
      '/h/.config/unorouter/config.yaml',
      '/h/.local/state/unorouter',
    ],
    [{ HOME: '/h', UNOROUTER_HOME: '/u' }, 'linux', '/u/config.yaml', '/u/state'],
    [{ HOME: '/h', UNOROUTER_HOME: '/u', UNOROUTER_CONFIG: '/x.yaml' }, 'linux', '/x.yaml', '/u/state'],
  ])('with %j on %s: %s', (env, system, config, state) => {
    expect(homePaths(env, system)).toMatchObject({ configFile: config, stateDir: state });
  });
});
