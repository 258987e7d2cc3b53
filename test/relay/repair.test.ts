import { describe, expect, it } from 'vitest';
import type { PivotError } from '../../src/pivot/index.ts';
import { protocolOf } from '../../src/protocols/index.ts';
import { lossTexts } from '../../src/relay/losses.ts';
import { repairFor } from '../../src/relay/repair.ts';

const refused = (message: string, extra: Partial<PivotError> = {}): PivotError => ({
  kind: 'bad-request',
  status: 400,
  message,
  ...extra,
});

/** Words of providers, as they were seen. */
const SEEN: readonly (readonly [string, string, boolean?])[] = [
  [
    "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
    'max-completion-tokens',
  ],
  ['Unrecognized request argument supplied: max_completion_tokens', 'max-completion-tokens', false],
  [
    "Unsupported value: 'temperature' does not support 0.2 with this model. Only the default (1) value is supported.",
    'no-temperature',
  ],
  ['`temperature` and `top_p` cannot both be specified for this model. Please use only one.', 'no-top-p'],
  ["Unsupported parameter: 'top_p' is not supported with this model.", 'no-top-p'],
  ['Unsupported parameter: presence_penalty', 'no-penalties'],
  [
    '[{"type":"extra_forbidden","loc":["body","stream_options"],"msg":"Extra inputs are not permitted"}]',
    'no-stream-options',
  ],
  ['Unknown parameter: parallel_tool_calls', 'no-parallel-tool-calls'],
  ["Unsupported parameter: 'logprobs' is not supported with this model.", 'no-logprobs'],
  ['Logprobs is not enabled for models/tide-1', 'no-logprobs'],
  ["Unsupported parameter: 'stop' is not supported with this model.", 'no-stop'],
  [
    "Unknown name 'strict' at 'tools[0].function': Cannot find field. Invalid JSON payload",
    'no-strict-tools',
  ],
  ['This response_format type is unavailable now: json_schema is not supported', 'no-json-schema'],
  ['tool_choice=required is not supported', 'no-required-tool-choice'],
  ['Unrecognized request argument supplied: reasoning_effort', 'no-reasoning'],
  ["'reasoning.effort' is not supported with this model.", 'no-reasoning'],
  [
    'Your organization must be verified to generate reasoning summaries. Please verify it in its settings.',
    'no-thoughts-shown',
  ],
  ["Unsupported parameter: 'reasoning.summary' is not supported with this model.", 'no-thoughts-shown'],
  ['Thinking is not supported by this model', 'no-reasoning'],
  ['Thinking mode is not enabled for this model', 'no-reasoning'],
  [
    '"thinking.type.enabled" is not supported for this model. Use "thinking.type.adaptive" and "output_config.effort" to control thinking behavior.',
    'adaptive-thinking',
  ],
  ['messages.1.content.0: Invalid `signature` in `thinking` block', 'strip-thinking'],
  [
    'messages.1.content.0: `thinking` or `redacted_thinking` blocks in the latest assistant message cannot be modified.',
    'strip-thinking',
  ],
  ['Corrupted thought signature.', 'strip-thinking'],
  ['The encrypted content gAAA could not be verified.', 'strip-thinking'],
  ["messages[2]: property 'reasoning_content' is unsupported", 'strip-thinking'],
  ["messages[0].role: 'developer' is not one of ['system', 'assistant', 'user']", 'developer-role', false],
];

describe('a refusal', () => {
  it.each(SEEN.map(([message, quirk, has = true]) => ({ message, quirk, has })))(
    '$message',
    ({ message, quirk, has }) => {
      expect(repairFor(refused(message))).toEqual({ quirk, has });
    },
  );

  it('may name the field beside its words', () => {
    expect(repairFor(refused('Unsupported parameter', { param: 'temperature' }))?.quirk).toBe(
      'no-temperature',
    );
    expect(repairFor(refused('invalid value', { param: 'stop' }))?.quirk).toBe('no-stop');
  });

  it.each([
    'messages: roles must alternate',
    "Invalid schema for response_format 'answer': 'additionalProperties' is required",
    'Invalid image: could not be decoded',
    'Function call is missing a thought_signature in functionCall parts.',
    'model not found',
    'Please stop sending invalid requests',
    'max_output: 5 is too small',
  ])('that names nothing known is passed on: %s', (message) => {
    expect(repairFor(refused(message))).toBeNull();
  });

  it('of another kind is nothing to repair', () => {
    const words = SEEN[0]?.[0] ?? '';
    expect(repairFor(refused(words, { kind: 'rate-limit', status: 429 }))).toBeNull();
    expect(repairFor(refused(words, { kind: 'context-too-long' }))).toBeNull();
    expect(repairFor(refused(words, { status: 413 }))).toBeNull();
  });

  it('is read from the bodies of each protocol', () => {
    const gemini = JSON.stringify({
      error: { code: 400, message: 'Corrupted thought signature.', status: 'INVALID_ARGUMENT' },
    });
    expect(repairFor(protocolOf('gemini').decodeError(400, gemini))?.quirk).toBe('strip-thinking');
    const long = `${'x'.repeat(100_000)} temperature unsupported`;
    expect(repairFor(refused(long))).toBeNull();
  });
});

describe('losses', () => {
  it('are one short line each, each once', () => {
    const loss = { what: 'top_k', why: 'openai-chat has no word for it' };
    expect(lossTexts([loss, loss, { what: 'a\nb\u202e', why: 'x'.repeat(500) }])).toEqual([
      'top_k: openai-chat has no word for it',
      expect.stringMatching(/^a b: x{100,}\.\.\.$/),
    ]);
    expect(lossTexts([])).toEqual([]);
  });
});
