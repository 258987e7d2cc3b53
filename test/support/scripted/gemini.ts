import type { FakeAnswer } from '../fake-upstream.ts';
import {
  bodyOf,
  brokenEnd,
  FINAL,
  frame,
  json,
  MODELS,
  RETRY_AT_ONCE,
  type Script,
  sse,
  TEXT,
  TOOL,
  USAGE,
  words,
} from './script.ts';

type Json = Record<string, unknown>;

const USAGE_WIRE = {
  promptTokenCount: USAGE.input,
  cachedContentTokenCount: USAGE.cacheRead,
  candidatesTokenCount: USAGE.output - USAGE.reasoning,
  thoughtsTokenCount: USAGE.reasoning,
  totalTokenCount: USAGE.input + USAGE.output,
};

const chunk = (part: Json, last: boolean): Json => ({
  candidates: [
    { content: { role: 'model', parts: [part] }, index: 0, ...(last ? { finishReason: 'STOP' } : {}) },
  ],
  ...(last ? { usageMetadata: USAGE_WIRE } : {}),
  modelVersion: 'm-2026',
  responseId: 'r1',
});

function answer(path: string, body: Json): FakeAnswer {
  const last = (body.contents as Json[]).at(-1);
  const returned = ((last?.parts ?? []) as Json[]).some((part) => part.functionResponse !== undefined);
  const calls = body.tools !== undefined && !returned;
  const text = returned ? FINAL : TEXT;
  const parts: Json[] = calls
    ? [{ functionCall: { id: TOOL.id, name: TOOL.name, args: TOOL.args } }]
    : words(text).map((word) => ({ text: word }));
  const broken = brokenEnd(path);
  if (broken)
    return sse(
      parts.map((part) => frame(chunk(part, false))),
      broken,
    );
  if (!path.includes(':streamGenerateContent')) return json(chunk(calls ? (parts[0] ?? {}) : { text }, true));
  const chunks = parts.map((part, n) => chunk(part, n === parts.length - 1));
  if (path.includes('alt=sse')) return sse(chunks.map((one) => frame(one)));
  return json(chunks);
}

/** A provider that speaks generateContent. */
export const geminiScript: Script = (request) => {
  if (request.method === 'GET') return json({ models: MODELS.map((id) => ({ name: `models/${id}` })) });
  if (request.url.includes('m-limited'))
    return json(
      { error: { code: 429, message: 'Slow down.', status: 'RESOURCE_EXHAUSTED' } },
      429,
      RETRY_AT_ONCE,
    );
  if (request.url.includes(':countTokens')) return json({ totalTokens: 77 });
  if (request.url.includes(':batchEmbedContents') || request.url.includes(':embedContent'))
    return json({ embeddings: [{ values: [0.5, -0.25] }], embedding: { values: [0.5, -0.25] } });
  if (request.url.includes(':predict'))
    return json({ predictions: [{ bytesBase64Encoded: 'aW1hZ2U=', mimeType: 'image/png' }] });
  return answer(request.url, bodyOf(request));
};
