import { describe, expect, it } from 'vitest';
import { collect } from '../../../src/pivot/index.ts';
import { openaiResponses } from '../../../src/protocols/openai-responses/index.ts';
import { parse } from './support.ts';

describe('a summary of thoughts in several parts', () => {
  const summary = ['**One**', '**Two**'].map((text) => ({ type: 'summary_text', text }));
  const item = { id: 'rs_1', type: 'reasoning', summary, encrypted_content: 'gAAAA' };
  const events = [
    {
      type: 'response.output_item.added',
      output_index: 0,
      item: { id: 'rs_1', type: 'reasoning', summary: [] },
    },
    ...['**One**', '**Two**'].flatMap((delta, summary_index) => [
      { type: 'response.reasoning_summary_part.added', output_index: 0, summary_index },
      { type: 'response.reasoning_summary_text.delta', output_index: 0, summary_index, delta },
    ]),
    { type: 'response.output_item.done', output_index: 0, item },
    { type: 'response.completed', response: { status: 'completed', output: [item] } },
  ];

  it('has paragraphs, streamed or whole, and when the client sends it back', () => {
    const decoder = openaiResponses.createDecoder();
    const streamed = events.flatMap((event) => decoder.push({ data: JSON.stringify(event) }));
    const whole = openaiResponses.decodeBody({ status: 'completed', output: [item] });
    const thought = { type: 'reasoning', text: '**One**\n\n**Two**' };
    expect(collect(streamed).blocks).toMatchObject([thought]);
    expect(collect(whole).blocks).toEqual(collect(streamed).blocks);
    expect(parse({ input: [item] }).messages[0]?.content).toMatchObject([thought]);
  });
});
