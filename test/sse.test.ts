import { describe, expect, it } from 'vitest';
import { createFrameParser } from '../src/sse.ts';

function parse(...chunks: (string | Buffer)[]): object[] {
  const parser = createFrameParser();
  return [...chunks.flatMap((chunk) => parser.push(Buffer.from(chunk))), ...parser.end()];
}

describe('frames cut from bytes', () => {
  it('have data of several lines, an event name, and no comments, ids or retry times', () => {
    expect(parse(': hi\n\nevent: a\nid: 1\nretry: 5\ndata: {"x":\ndata: 1}\n\n')).toEqual([
      { event: 'a', data: '{"x":\n1}' },
    ]);
  });

  it('may end their lines in LF, CRLF or CR, begin with a byte order mark and have no space behind the colon', () => {
    for (const end of ['\n', '\r\n', '\r'])
      expect(parse(`\ufeffdata:{"a":1}${end}${end}data: {"b":2}${end}${end}`)).toEqual([
        { data: '{"a":1}' },
        { data: '{"b":2}' },
      ]);
  });

  it('need no blank line behind the last one, but a half one is none', () => {
    expect(parse('data: {"a":1}\n\ndata: {"b":2}')).toEqual([{ data: '{"a":1}' }, { data: '{"b":2}' }]);
    expect(parse('data: {"a":1}\n\ndata: [DONE]')).toHaveLength(2);
    expect(parse('data: {"a":1}\n\ndata: {"b":')).toEqual([{ data: '{"a":1}' }]);
  });

  it('are errors where a server writes error as if it were a field', () => {
    expect(parse('error: {"message":"no"}\n\n')).toEqual([{ event: 'error', data: '{"message":"no"}' }]);
  });

  it('have U+FFFD for bytes that are no UTF-8', () => {
    expect(
      parse(Buffer.concat([Buffer.from('data: "a'), Buffer.from([0xff]), Buffer.from('b"\n\n')])),
    ).toEqual([{ data: '"a\ufffdb"' }]);
  });

  it('are the elements of a JSON array, whatever stands in its strings', () => {
    expect(parse(' \r\n[{"a":"]}\\"{["},\n{"b":[[1],{"c":{}}]}\r\n,{"d":"潮"}]')).toEqual([
      { data: '{"a":"]}\\"{["}' },
      { data: '{"b":[[1],{"c":{}}]}' },
      { data: '{"d":"潮"}' },
    ]);
    expect(parse('[')).toEqual([]);
    expect(parse('[{"a":1},{"b"')).toEqual([{ data: '{"a":1}' }]);
  });

  it('are none where there is nothing, or something else', () => {
    expect(parse('')).toEqual([]);
    expect(parse('\n \n')).toEqual([]);
    expect(parse('<html>\n<body>no</body>')).toEqual([]);
  });
});
