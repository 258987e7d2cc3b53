import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editRequest } from '../../src/relay/edits.ts';
import { fakeTarget, inboundOf } from '../support/relay.ts';

const TARGET = fakeTarget('http://x', 'openai-chat');

function edited(body: string, target = TARGET): { text: string; drop: boolean } {
  const { parts, dropUsageFrame } = editRequest(inboundOf('openai-chat', body), target);
  return { text: Buffer.concat(parts).toString('utf8'), drop: dropUsageFrame };
}

/** JSON text that a printer of ours would not give back: odd spaces, escapes, numbers, doubled keys. */
const oddMembers = fc.array(
  fc.constantFrom(
    '"temperature" : 0.70',
    '"seed":12345678901234567890',
    '"x":1e+3',
    '"user":"\\u0041\\/b"',
    '"dup":1,\n\t"dup":{"a":2}',
    '"messages":[{"role":"user","content":"\\"model\\": \\ud83c\\udf0a 潮"}]',
    '"":null',
    '"nested":{"model":"inner","stream_options":{}}',
    '"__proto__":{"a":1}',
  ),
  { maxLength: 6 },
);
const options = fc.constantFrom(
  undefined,
  '"stream_options":null',
  '"stream_options" : { }',
  '"stream_options":{ "include_obfuscation" : false , "big":12345678901234567890 }',
  '"stream_options":{"a":1.0,  "include_usage" :  false, "a":2}',
  '"stream_options":{"include_usage":true}',
);

describe('the edits of a request on its way', () => {
  it('are only these, so that undoing them gives back the exact bytes', () => {
    fc.assert(
      fc.property(
        oddMembers,
        options,
        fc.boolean(),
        fc.constantFrom('', ' ', '\r\n  '),
        fc.nat(),
        (odd, option, stream, space, at) => {
          const members = [...odd, ...(option ? [option] : []), ...(stream ? ['"stream":true'] : [])];
          members.splice(at % (members.length + 1), 0, '"model":"asked/n\\u0061me"');
          const body = `${space}{${space}${members.join(`${space},`)}${space}}${space}`;
          const { text, drop } = edited(body);
          const undone = text
            .replace('"model":"tide-1"', '"model":"asked/n\\u0061me"')
            .replace(/"stream_options":\{"include_usage":true\},/, (found) =>
              drop && option === undefined ? '' : found,
            )
            .replace(/("stream_options"\s*:\s*\{)"include_usage":true,?/, (found, head) =>
              drop && option && !option.includes('null') && !option.includes('include_usage') ? head : found,
            )
            .replace(/("include_usage" : {2})true/, (_found, head) => `${head}false`)
            .replace(/"stream_options":\{"include_usage":true\}/, (found) =>
              drop && option?.includes('null') ? '"stream_options":null' : found,
            );
          expect(undone).toBe(body);
          expect(drop).toBe(stream && !option?.includes('true'));
          const sent = JSON.parse(text);
          expect(sent.model).toBe('tide-1');
          if (stream) expect(sent.stream_options.include_usage).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });

  it("are none when the name is the provider's own and no tokens must be asked for", () => {
    const body = '{ "model":"tide-1","messages":[] }';
    expect(edited(body)).toEqual({ text: body, drop: false });
  });

  it('ask for usage on Chat streams only, and not where a provider refuses the question', () => {
    const body = '{"model":"tide-1","stream":true}';
    expect(edited(body).text).toBe(
      '{"stream_options":{"include_usage":true},"model":"tide-1","stream":true}',
    );
    expect(edited(body, fakeTarget('http://x', 'openai-chat', { quirks: ['no-stream-options'] })).text).toBe(
      body,
    );
    for (const protocol of ['openai-responses', 'anthropic-messages', 'gemini'] as const)
      expect(
        Buffer.concat(
          editRequest(inboundOf(protocol, body), fakeTarget('http://x', protocol)).parts,
        ).toString(),
      ).toBe(body);
    expect(
      Buffer.concat(
        editRequest(inboundOf('openai-chat', body, { endpoint: 'audio' }), TARGET).parts,
      ).toString(),
    ).toBe(body);
  });

  it('empty who asks where Messages is spoken by somebody else, and touch nothing beside it', () => {
    const emptied = (body: string, quirks: 'no-user-id'[]): string => {
      const target = fakeTarget('http://x', 'anthropic-messages', { quirks });
      return Buffer.concat(editRequest(inboundOf('anthropic-messages', body), target).parts).toString();
    };
    const user = String.raw`"{\"device\":\"潮\u0041\"}"`;
    const body = (value: string): string =>
      `{ "model":"tide-1", "metadata" : { "a":1.0,"user_id" :${value}, "b":"user_id" },"max_tokens":1e2 }`;
    for (const value of [user, 'null', '{"id":1}'])
      expect(emptied(body(value), ['no-user-id'])).toBe(body('""'));
    expect(emptied(body(user), [])).toBe(body(user));
    for (const metadata of ['{}', 'null', '"user_id"', '[{"user_id":1}]'])
      expect(emptied(`{"model":"tide-1","metadata":${metadata}}`, ['no-user-id'])).toBe(
        `{"model":"tide-1","metadata":${metadata}}`,
      );
  });

  it('empty the billing header that Claude Code begins with, for who does not bill for Anthropic', () => {
    const emptied = (body: string, quirks: 'no-user-id'[]): string => {
      const target = fakeTarget('http://x', 'anthropic-messages', { quirks });
      return Buffer.concat(editRequest(inboundOf('anthropic-messages', body), target).parts).toString();
    };
    const body = (header: string): string =>
      String.raw`{"model":"tide-1","system" : [ {"type":"text","text":"x-anthropic-billing-header:${header}"}, {"type":"text","text":"Be \u0041 pilot, \"x-\"."}],"max_tokens":1e2}`;
    const header = String.raw` cc_version=2.1.330.4f2; a=\"b\\\"; 潮`;
    expect(emptied(body(header), ['no-user-id'])).toBe(body(''));
    expect(emptied(body(header), [])).toBe(body(header));
    for (const other of [
      String.raw`{"model":"tide-1","system":"say \"x-anthropic-billing-header: 1\""}`,
      '{"model":"tide-1","system":[],"messages":["x-anthropic-billing-header: 1"]}',
    ])
      expect(emptied(other, ['no-user-id'])).toBe(other);
  });

  it('leave alone what is no object: the provider will say so', () => {
    for (const value of ['5', '"x"', '[]', 'true'])
      expect(edited(`{"model":"tide-1","stream":true,"stream_options":${value}}`).drop).toBe(false);
  });
});
