import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { flatToolName, knownTool, type PivotTool } from '../../src/pivot/index.ts';

const tool = (name: string, namespace?: string): PivotTool => ({
  kind: 'function',
  name,
  ...(namespace === undefined ? {} : { namespace }),
});

describe('the name of a tool where there are no namespaces', () => {
  it('is the name itself when it conforms', () => {
    expect(flatToolName(undefined, 'shell')).toBe('shell');
    expect(flatToolName('', 'mcp__a__b-c')).toBe('mcp__a__b-c');
  });

  it('is joined with two underlines, which are not written twice', () => {
    expect(flatToolName('github', 'search')).toBe('github__search');
    expect(flatToolName('mcp__github__', 'search')).toBe('mcp__github__search');
  });

  it('always fits every wire, and long names that differ only at their end stay different', () => {
    const long = 'x'.repeat(100);
    expect(flatToolName(long, 'a')).not.toBe(flatToolName(long, 'b'));
    expect(flatToolName(undefined, 'a.b')).not.toBe(flatToolName(undefined, 'a:b'));
    fc.assert(
      fc.property(fc.string(), fc.string(), (namespace, name) => {
        expect(flatToolName(namespace, name)).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
      }),
    );
  });
});

describe('the tool behind a name in an answer', () => {
  it('is found again, whatever its name is', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (namespace, name) => {
        const offered = tool(name, namespace);
        expect(knownTool([tool('other\n'), offered], flatToolName(namespace, name))).toBe(offered);
      }),
    );
  });

  it('is found without its namespace when only one tool has the name', () => {
    const tools = [tool('search', 'github'), tool('read', 'github'), tool('read', 'disk')];
    expect(knownTool(tools, 'search')).toBe(tools[0]);
    expect(knownTool(tools, 'read')).toBeUndefined();
  });

  it('is none of the provider, and none that was not offered', () => {
    const server: PivotTool = { kind: 'server', origin: 'openai-responses', name: 'web_search', value: {} };
    expect(knownTool([server], 'web_search')).toBeUndefined();
    expect(knownTool(undefined, 'shell')).toBeUndefined();
  });
});
