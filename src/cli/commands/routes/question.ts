import type { ProtocolId } from '../../../protocols/protocol.ts';
import type { RouteQuestion } from '../../../router/index.ts';
import type { Context } from '../../context.ts';
import { readSpan, startOfDay } from '../../since.ts';
import { usageError } from '../../usage-error.ts';

/** Flags of `routes explain` and `routes test` as they were typed. */
export interface QuestionFlags {
  agent?: string;
  project?: string;
  role?: string;
  tokens?: string;
  tools?: true;
  image?: true;
  protocol?: string;
  session?: string;
  header: string[];
  at?: string;
}

const PROTOCOLS: readonly ProtocolId[] = ['openai-chat', 'openai-responses', 'anthropic-messages', 'gemini'];

/** By this header a request says what it is for. */
const ROLE_HEADER = 'x-unorouter-role';

/** The flags as a question. @throws UserError (exit 2) */
export function readQuestion(model: string, flags: QuestionFlags, context: Context): RouteQuestion {
  const { agent, project, session } = flags;
  const headers = headersOf(flags);
  return {
    model,
    ...(agent === undefined ? {} : { agent }),
    ...(project === undefined ? {} : { project }),
    ...(session === undefined ? {} : { session }),
    ...(flags.protocol === undefined ? {} : { protocol: protocolOf(flags.protocol) }),
    ...(flags.tokens === undefined ? {} : { tokens: tokensOf(flags.tokens) }),
    ...(flags.tools ? { tools: true } : {}),
    ...(flags.image ? { image: true } : {}),
    ...(flags.at === undefined ? {} : { at: momentOf(flags.at, context) }),
    ...(Object.keys(headers).length > 0 ? { headers } : {}),
  };
}

/** `name=value`, name in lower case. @throws UserError (exit 2) */
export function readHeader(text: string): [string, string] {
  const at = text.indexOf('=');
  if (at <= 0) throw usageError(`--header is name=value, not "${text}"`, '--header x-team=core');
  return [text.slice(0, at).trim().toLowerCase(), text.slice(at + 1).trim()];
}

function headersOf({ header, role }: QuestionFlags): Record<string, string> {
  if (role !== undefined && role !== 'main' && role !== 'small')
    throw usageError(`--role is main or small, not "${role}"`);
  return { ...Object.fromEntries(header.map(readHeader)), ...(role ? { [ROLE_HEADER]: role } : {}) };
}

function protocolOf(text: string): ProtocolId {
  const found = PROTOCOLS.find((id) => id === text);
  if (!found) throw usageError(`--protocol is one of ${PROTOCOLS.join(', ')}, not "${text}"`);
  return found;
}

const MULTIPLES: Readonly<Record<string, number>> = { k: 1_000, m: 1_000_000 };

function tokensOf(text: string): number {
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?)([km]?)$/i.exec(text) ?? [];
  if (number === '') throw usageError(`--tokens is a number such as 950, 120k or 1M, not "${text}"`);
  return Math.round(Number(number) * (MULTIPLES[unit.toLowerCase()] ?? 1));
}

function momentOf(text: string, { now, utc }: Context): number {
  const [, hour, minute] = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(text) ?? [];
  if (hour !== undefined) {
    const day = new Date(startOfDay(now(), utc));
    return utc ? day.setUTCHours(Number(hour), Number(minute)) : day.setHours(Number(hour), Number(minute));
  }
  const span = readSpan(text, { now: now(), utc });
  if (!span) throw usageError(`--at does not know the time "${text}"`, '--at 23:30', '--at 2026-11-01T10:00');
  return span.start;
}
