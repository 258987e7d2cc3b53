import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mapToolId, type ToolIdRule } from '../../src/pivot/index.ts';

const ANTHROPIC: ToolIdRule = { pattern: /^[a-zA-Z0-9_-]+$/, maxLength: 64 };
const SHORT: ToolIdRule = { pattern: /^[a-zA-Z0-9]{9}$/, maxLength: 9 };
const FORTY: ToolIdRule = { pattern: /^.+$/, maxLength: 40 };

describe('the id of a tool call at a target', () => {
  it('is untouched when the target takes it', () => {
    expect(mapToolId('toolu_01-a', ANTHROPIC)).toBe('toolu_01-a');
    expect(mapToolId('abcDEF123', SHORT)).toBe('abcDEF123');
    expect(mapToolId('functions.Bash:0', FORTY)).toBe('functions.Bash:0');
  });

  it('stays readable where there is room', () => {
    expect(mapToolId('functions.Bash:0', ANTHROPIC)).toMatch(/^functions_Bash_0_[0-9a-z]{11}$/);
  });

  it('always conforms, and different ids stay different', () => {
    const ids = fc.array(fc.string({ minLength: 1 }), { maxLength: 50 });
    fc.assert(
      fc.property(
        ids,
        fc.constantFrom(ANTHROPIC, SHORT, { pattern: /^\S+$/, maxLength: 40 }),
        (list, rule) => {
          const different = [...new Set(list)];
          const mapped = different.map((id) => mapToolId(id, rule));
          for (const id of mapped)
            expect(id.length <= rule.maxLength && rule.pattern.test(id), id).toBe(true);
          expect(new Set(mapped).size).toBe(different.length);
        },
      ),
    );
  });

  it('keeps long ids apart that differ only at their end', () => {
    const long = 'call_'.repeat(40);
    expect(mapToolId(`${long}1`, ANTHROPIC)).not.toBe(mapToolId(`${long}2`, ANTHROPIC));
  });
});
