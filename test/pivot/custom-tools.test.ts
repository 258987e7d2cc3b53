import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { customAsFunction, unwrapInput, wrapInput } from '../../src/pivot/index.ts';

describe('a custom tool as a function', () => {
  it('takes one string and tells its grammar', () => {
    const grammar = { syntax: 'lark', definition: 'start: "a"' };
    const tool = customAsFunction({ kind: 'custom', name: 'exec', description: 'Runs.', grammar });
    expect(tool).toMatchObject({ kind: 'function', name: 'exec', parameters: { required: ['input'] } });
    expect(tool.description).toBe('Runs.\n\nThe field `input` must match this lark grammar:\nstart: "a"');
    expect(customAsFunction({ kind: 'custom', name: 'exec' })).not.toHaveProperty('description');
  });

  it('gives back the text that was put in', () => {
    fc.assert(fc.property(fc.string(), (text) => unwrapInput(wrapInput(text)) === text));
  });

  it('understands a model that strays', () => {
    expect(unwrapInput('{"patch":"*** Begin"}')).toBe('*** Begin');
    expect(unwrapInput('*** Begin')).toBe('*** Begin');
    expect(unwrapInput('{"a":"1","b":"2"}')).toBe('{"a":"1","b":"2"}');
    expect(unwrapInput('{}')).toBe('');
    expect(unwrapInput('')).toBe('');
  });
});
