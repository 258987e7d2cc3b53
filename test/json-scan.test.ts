import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memberValue, scanObject, splice } from '../src/json-scan.ts';

function scan(text: string, marks: string[] = []) {
  return scanObject(
    Buffer.from(text),
    marks.map((mark) => Buffer.from(mark)),
  );
}

describe('scanning the top level of a JSON object', () => {
  it('finds the same members with the same values as JSON.parse, for any object and any spacing', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 5 })),
        fc.constantFrom(0, 1, 3),
        (object, indent) => {
          const bytes = Buffer.from(JSON.stringify(object, null, indent));
          const parsed = JSON.parse(bytes.toString()) as Record<string, unknown>;
          const scanned = scanObject(bytes);
          if ('problem' in scanned) throw new Error(`${scanned.problem} at ${scanned.offset} of ${bytes}`);
          expect([...scanned.members.keys()].sort()).toEqual(Object.keys(parsed).sort());
          for (const key of scanned.members.keys())
            expect(memberValue(bytes, scanned, key)).toEqual(parsed[key]);
        },
      ),
    );
  });

  it('refuses whatever JSON.parse refuses for structural reasons', () => {
    for (const bad of [
      '{bad',
      '{"a":1,}',
      '{"a" 1}',
      '{"a":1 "b":2}',
      '{"a":[1,]}',
      '{"a":[1}',
      '{"a":nul}',
      '{"a":01}',
      '{"a":NaN}',
      '{"a":1}}',
      '{"a":1} x',
      '{"a":"x',
      '{,}',
      '{"a":{"b"}}',
      '{"a":-}',
      '{"a":[1 2]}',
      '{"a":',
      '',
    ]) {
      expect(scan(bad), bad).toHaveProperty('problem');
      expect(() => JSON.parse(bad), bad).toThrow();
    }
  });

  it('says that an array, a string or a number is not an object', () => {
    for (const text of ['[]', '"x"', '5', 'null'])
      expect(scan(text)).toMatchObject({ problem: 'not-an-object' });
  });

  it('bounds the depth without recursion', () => {
    expect(scan(`{"a":${'['.repeat(128)}${']'.repeat(128)}}`)).not.toHaveProperty('problem');
    expect(scan(`{"a":${'['.repeat(129)}${']'.repeat(129)}}`)).toMatchObject({ problem: 'too-deep' });
    expect(scan(`{"a":${'['.repeat(3_000_000)}`)).toMatchObject({ problem: 'too-deep' });
  });

  it('keeps the last of duplicate keys and names them', () => {
    const bytes = Buffer.from('{"model":"a","model":"b"}');
    const scanned = scanObject(bytes);
    if ('problem' in scanned) throw new Error('not scanned');
    expect(memberValue(bytes, scanned, 'model')).toBe('b');
    expect([...scanned.duplicates]).toEqual(['model']);
  });

  it('finds the end of strings of any length, whatever is escaped in them', () => {
    const piece = fc.constantFrom('\\\\', '\\"', 'x', '\\u0022', 'é', '\\\\\\"', ' '.repeat(7));
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        const text = pieces.join('');
        const scanned = scan(`{"a":["${text}",{"${text}":"${text}"}],"b":"${text}","c":1}`);
        if ('problem' in scanned) throw new Error(`${scanned.problem} in ${text}`);
        expect([...scanned.members.keys()]).toEqual(['a', 'b', 'c']);
      }),
    );
  });

  it.each([
    ['{"a":["uno1.x"]}', true],
    ['{"a":{"b":[{"c":"uno1.x"}]}}', true],
    ['{"a":["not uno1.x","un","uno1"]}', false],
    ['{"a":["says \\"uno1.x\\""]}', false],
    ['{"a":[{"uno1.x":1}]}', false],
  ])('sees a string that begins with a mark: %s', (text, marked) => {
    expect(scan(text, ['uno1.', 'other'])).toMatchObject({ marked });
  });

  it('splices values and leaves every other byte alone', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.string(), (object, model) => {
        const bytes = Buffer.from(JSON.stringify({ ...object, model: 'asked' }, null, 1));
        const scanned = scanObject(bytes);
        if ('problem' in scanned) throw new Error('not scanned');
        const member = scanned.members.get('model');
        if (!member) throw new Error('no model');
        const out = Buffer.concat(
          splice(bytes, [{ start: member.start, end: member.end, text: JSON.stringify(model) }]),
        );
        expect(out.subarray(0, member.start)).toEqual(bytes.subarray(0, member.start));
        expect(out.subarray(out.length - (bytes.length - member.end))).toEqual(bytes.subarray(member.end));
        expect((JSON.parse(out.toString()) as { model: string }).model).toBe(model);
      }),
    );
  });
});
