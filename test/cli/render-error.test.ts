import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import { errorJson, errorText } from '../../src/cli/render/error.ts';
import { createLook } from '../../src/cli/render/index.ts';
import { UserError } from '../../src/errors.ts';

const look = (width: number, color = false) => createLook({ width, color, ascii: false });

const error = new UserError({
  code: 'no_provider_key',
  exit: 4,
  message: 'no API key for anthropic, which serves claude-opus-4-5',
  why: 'looked in the keychain, $UNOROUTER_ANTHROPIC_API_KEY and $ANTHROPIC_API_KEY',
  fix: ['{cmd} keys add anthropic     or use a model you have: {cmd} models', 'or ask somebody'],
});

describe('an error', () => {
  test('has its tag at the right edge of 100 columns, and a line of its own in 60', () => {
    const wide = errorText(error, 'unorouter', look(100)).split('\n');
    expect(wide[0]).toBe(
      'error: no API key for anthropic, which serves claude-opus-4-5               [no_provider_key] exit 4',
    );
    expect(wide[0]).toHaveLength(100);
    const narrow = errorText(error, 'unorouter', look(60));
    expect(narrow.split('\n').filter((line) => stringWidth(line) > 60)).toEqual([]);
    expect(narrow).toContain('\n       [no_provider_key] exit 4\n');
  });

  test('says why and what to do, with the prefix of this run', () => {
    const text = errorText(error, 'npx unorouter', look(100));
    expect(text).toContain('\n  why  looked in the keychain, $UNOROUTER_ANTHROPIC_API_KEY');
    expect(text).toContain(
      '\n  fix  npx unorouter keys add anthropic     or use a model you have: npx unorouter models\n',
    );
    expect(text).toContain('\n       or ask somebody\n');
    expect(text).not.toContain('{cmd}');
  });

  test('is the same in colour but for the colours', () => {
    const colored = errorText(error, 'unorouter', look(100, true));
    expect(colored).toContain('\u001b[');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters
    expect(colored.replace(/\u001b\[\d+m/g, '')).toBe(errorText(error, 'unorouter', look(100)));
  });

  test('keeps the marked lines of a file as they are', () => {
    const message = 'config.yaml:3:3: "x" is not a setting\n    3 |   x: 1\n      |   ^ did you mean "y"?';
    const marked = new UserError({ code: 'config_invalid', exit: 3, message });
    expect(errorText(marked, 'unorouter', look(60)).split('\n').slice(-4, -1)).toEqual(
      expect.arrayContaining(['    3 |   x: 1', '      |   ^ did you mean "y"?']),
    );
  });

  test('cannot steer the terminal', () => {
    const evil = new UserError({
      code: 'x',
      exit: 1,
      message: 'a\u001b[2Jb',
      why: 'c\u202ed',
      fix: ['e\u0007f'],
    });
    for (const text of [errorText(evil, 'unorouter', look(60)), errorJson(evil, 'unorouter')])
      expect(text.replaceAll('\n', '')).not.toMatch(/\p{Cc}|\p{Cf}/u);
  });

  test('is one line of JSON for programs', () => {
    const json = errorJson(error, 'unorouter');
    expect(json.trimEnd()).not.toContain('\n');
    expect(JSON.parse(json)).toEqual({
      error: {
        code: 'no_provider_key',
        message: error.message,
        why: error.why,
        fix: [
          'unorouter keys add anthropic     or use a model you have: unorouter models',
          'or ask somebody',
        ],
      },
    });
    expect(
      JSON.parse(errorJson(new UserError({ code: 'x', exit: 1, message: '{cmd} y' }), 'uno')),
    ).toMatchObject({
      error: { message: 'uno y', why: null, fix: [] },
    });
  });
});
