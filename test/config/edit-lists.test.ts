import { describe, expect, test } from 'vitest';
import { insertEntry, moveEntry, parseConfig, removeEntry } from '../../src/config/index.ts';

const RULE = { name: 'new', when: { role: 'small' }, to: 'a/b' };
const NEW = '- name: new\n    when: { role: small }\n    to: a/b\n';
const THREE = `# top
routes:   # first match wins
  # what they are for
  - name: one
    to: x/1   # why one

  # about two
  - { name: two, to: x/2 }
  - name: three
    to:
      - x/3
# behind
fallbacks: { a: b }
`;

describe('entries of a list in the configuration file', () => {
  test.each([
    [
      '',
      '# yaml-language-server: $schema=./config.schema.json\nroutes:\n  - name: new\n    when: { role: small }\n    to: a/b\n',
    ],
    ['default: a/b\n', `default: a/b\nroutes:\n  ${NEW}`],
    ['default: a/b', `default: a/b\nroutes:\n  ${NEW.trimEnd()}`],
    ['routes:  # mine\n', `routes:  # mine\n  ${NEW}`],
    ['routes: []   # none yet\nsmall: c/d\n', `routes:   # none yet\n  ${NEW}small: c/d\n`],
    ['routes: [{ to: x/1 }]\n', 'routes: [{ to: x/1 }, { name: new, when: { role: small }, to: a/b }]\n'],
    ['routes:\n- to: x/1\n', 'routes:\n- to: x/1\n- name: new\n  when: { role: small }\n  to: a/b\n'],
    [
      'routes:\r\n  - to: x/1\r\n',
      'routes:\r\n  - to: x/1\r\n  - name: new\r\n    when: { role: small }\r\n    to: a/b\r\n',
    ],
  ])('a new one is written where the list is, or makes it: %j', async (before, after) => {
    expect(await insertEntry(before, 'routes', 99, RULE)).toBe(after);
    expect((await parseConfig('config.yaml', after)).ok).toBe(true);
  });

  test('a new one goes in front of another, above its comments', async () => {
    expect(await insertEntry(THREE, 'routes', 1, RULE)).toBe(
      THREE.replace('  # about two', `  ${NEW}  # about two`),
    );
    expect(await insertEntry(THREE, 'routes', 0, RULE)).toBe(
      THREE.replace('  - name: one', `  ${NEW}  - name: one`),
    );
    expect(await insertEntry(THREE, 'routes', 3, RULE)).toBe(THREE.replace('# behind', `  ${NEW}# behind`));
  });

  test('one is removed and nothing else', async () => {
    expect(await removeEntry(THREE, 'routes', 1)).toBe(THREE.replace('  - { name: two, to: x/2 }\n', ''));
    expect(await removeEntry(THREE, 'routes', 2)).toBe(
      THREE.replace('  - name: three\n    to:\n      - x/3\n', ''),
    );
    expect(await removeEntry('routes:   # mine\n  - to: a/b\n', 'routes', 0)).toBe('routes:   # mine\n');
    expect(await removeEntry('routes: [{ to: a/b }, { to: c/d }]\n', 'routes', 0)).toBe(
      'routes: [{ to: c/d }]\n',
    );
  });

  test('one is moved with the comments above it', async () => {
    const two = '  # about two\n  - { name: two, to: x/2 }\n';
    const three = '  - name: three\n    to:\n      - x/3\n';
    expect(await moveEntry(THREE, 'routes', 1, 2)).toBe(THREE.replace(two + three, three + two));
    expect(await moveEntry(THREE, 'routes', 2, 1)).toBe(THREE.replace(two + three, three + two));
    const first = await moveEntry(THREE, 'routes', 2, 0);
    expect(first).toBe(THREE.replace(three, '').replace('  - name: one', `${three}  - name: one`));
    expect(await moveEntry('routes:\n  - to: a/1\n  - to: b/2', 'routes', 0, 1)).toBe(
      'routes:\n  - to: b/2\n  - to: a/1',
    );
  });

  test('what only a person can edit is refused', async () => {
    const several = 'routes: [\n  { to: a/b }, # one\n  { to: c/d },\n]\n';
    await expect(removeEntry(several, 'routes', 0)).rejects.toThrow('cannot change routes');
    await expect(insertEntry('routes: 3\n', 'routes', 0, RULE)).rejects.toThrow();
  });
});
