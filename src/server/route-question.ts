import { GatewayError } from '../errors.ts';
import type { ProtocolId } from '../protocols/protocol.ts';
import type { RouteQuestion } from '../router/index.ts';

const PROTOCOLS: readonly ProtocolId[] = ['openai-chat', 'openai-responses', 'anthropic-messages', 'gemini'];

type Reader<T> = (value: unknown) => T | undefined;

const MOST_LETTERS = 512;
const MOST_HEADERS = 64;

const text: Reader<string> = (value) =>
  typeof value === 'string' && value !== '' && value.length <= MOST_LETTERS ? value : undefined;
const count: Reader<number> = (value) =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
const flag: Reader<boolean> = (value) => (typeof value === 'boolean' ? value : undefined);
const protocol: Reader<ProtocolId> = (value) => PROTOCOLS.find((id) => id === value);

const headers: Reader<Record<string, string>> = (value) => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const entries = Object.entries(value);
  if (entries.length > MOST_HEADERS || entries.some(([, one]) => typeof one !== 'string')) return undefined;
  return Object.fromEntries(entries.map(([name, one]) => [name.toLowerCase(), String(one)]));
};

const READERS: { readonly [K in keyof Required<RouteQuestion>]: Reader<Required<RouteQuestion>[K]> } = {
  model: text,
  protocol,
  agent: text,
  project: text,
  session: text,
  headers,
  tokens: count,
  tools: flag,
  image: flag,
  at: count,
};

function bad(message: string, param?: string): GatewayError {
  return new GatewayError({
    code: 'invalid_request',
    kind: 'client',
    status: 400,
    message: `unorouter: ${message}`,
    ...(param === undefined ? {} : { param }),
  });
}

function parsed(body: Buffer): object {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Told below.
  }
  throw bad('the body is not a JSON object');
}

/** Reads the body of a question about routing. @throws GatewayError 400 */
export function readQuestion(body: Buffer): RouteQuestion {
  const question: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(parsed(body))) {
    if (!Object.hasOwn(READERS, name)) throw bad(`a question about routing has no "${name}"`, name);
    const read = READERS[name as keyof RouteQuestion](value);
    if (read === undefined) throw bad(`"${name}" has a value that it cannot have`, name);
    question[name] = read;
  }
  if (question.model === undefined) throw bad('"model" is missing', 'model');
  return question as unknown as RouteQuestion;
}
