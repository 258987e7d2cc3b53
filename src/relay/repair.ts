import type { AssistantPart, Loss, PivotError, PivotMessage, PivotRequest } from '../pivot/index.ts';
import type { Target } from '../router/index.ts';
import { createBounded } from './bounded.ts';

/** What to do differently at a target that refused a request: an oddity that it has, or one that it does not have. */
export interface Repair {
  quirk: string;
  has: boolean;
}

/** How a refusal says no. */
const NO =
  "(?:unsupported|(?:not|n't) (?:be )?(?:support|allow|permit)|does not support|unknown|unrecognized|unexpected|extra inputs|invalid|only the default)";

/** The words of a refusal that name this field, before or after the word for "no". */
function refused(field: string): RegExp {
  const name = `(?<![a-z_.])${field}(?![a-z_])`;
  return new RegExp(`${name}.{0,200}${NO}|${NO}.{0,200}${name}`, 'i');
}

/** The same for names that are words of their own: they count in quotes, or as the field at fault. */
function refusedWord(field: string): RegExp {
  const name = `(?:^${field}(?= |$)|['"\`]${field}['"\`])`;
  return new RegExp(`${name}.{0,200}${NO}|${NO}.{0,200}${name}`, 'i');
}

const add = (words: RegExp, quirk: string): readonly [RegExp, Repair] => [words, { quirk, has: true }];
const remove = (words: RegExp, quirk: string): readonly [RegExp, Repair] => [words, { quirk, has: false }];

/** Thinking that somebody else made, or that was changed on the way. */
const FOREIGN_THINKING: readonly RegExp[] = [
  /(?:invalid|corrupted|malformed|not valid).{0,60}signature|signature.{0,60}(?:invalid|corrupted|malformed|not valid)/i,
  /thinking.{0,60}blocks?.{0,80}(?:cannot be modified|not expected|not allowed)/i,
  /invalid_encrypted_content|encrypted content.{0,80}could not be/i,
];

/** What providers say when they refuse a request, and what to do differently. First match wins. */
const REPAIRS: readonly (readonly [RegExp, Repair])[] = [
  ...FOREIGN_THINKING.map((words) => add(words, 'strip-thinking')),
  add(refused('reasoning_content'), 'strip-thinking'),
  add(/use ['"`]?max_completion_tokens|max_completion_tokens['"`]? instead/i, 'max-completion-tokens'),
  remove(refused('max_completion_tokens'), 'max-completion-tokens'),
  add(refused('max_tokens'), 'max-completion-tokens'),
  add(/temperature.{0,60}top_p.{0,60}(?:both|only one)/i, 'no-top-p'),
  add(refused('temperature'), 'no-temperature'),
  add(refused('top_?p'), 'no-top-p'),
  add(refused('(?:frequency_?penalty|presence_?penalty)'), 'no-penalties'),
  add(refused('(?:top_)?logprobs'), 'no-logprobs'),
  add(/logprobs.{0,60}(?:not|n't) enabled/i, 'no-logprobs'),
  add(refused('stream_options'), 'no-stream-options'),
  add(refused('parallel_tool_calls'), 'no-parallel-tool-calls'),
  add(refusedWord('(?:[a-z_0-9.[\\]]*\\.)?strict'), 'no-strict-tools'),
  add(refused('(?:json_schema|response_format)'), 'no-json-schema'),
  add(/tool_choice.{0,120}required|required.{0,120}tool_choice/i, 'no-required-tool-choice'),
  add(/thinking\.type.{0,120}adaptive/i, 'adaptive-thinking'),
  add(/verified.{0,80}reasoning summar|reasoning\.summary/i, 'no-thoughts-shown'),
  add(
    refused('(?:reasoning_effort|reasoning\\.effort|thinking_?(?:budget|level|config)|output_config)'),
    'no-reasoning',
  ),
  add(
    /(?:thinking|reasoning)(?: mode)? (?:is not|isn't|not) (?:supported|available|enabled)/i,
    'no-reasoning',
  ),
  add(refusedWord('(?:thinking|reasoning)'), 'no-reasoning'),
  add(refusedWord('seed'), 'no-seed'),
  add(refusedWord('stop'), 'no-stop'),
  add(refusedWord('n'), 'no-n'),
  // Gemini, most models: in as many words as there were generations of them.
  add(/multiple candidates|only one candidate|candidate_?count/i, 'no-n'),
  remove(/role.{0,120}developer|developer.{0,120}role/i, 'developer-role'),
];

/** Kinds of failure that say "this request is wrong". */
const REQUEST_STATUS: ReadonlySet<number> = new Set([400, 422]);

/** What could be done about a refusal; null = nothing that we know. Looks at the upstream's words, its code and its field. */
export function repairFor(error: PivotError): Repair | null {
  if (error.kind !== 'bad-request' || !REQUEST_STATUS.has(error.status)) return null;
  const words = [error.param, error.code, error.message]
    .filter(Boolean)
    .join(' ')
    .slice(0, 2000)
    .replace(/\s+/g, ' ');
  // A schema that is wrong is the client's to mend, not to be left out.
  if (/invalid schema/i.test(words)) return null;
  return REPAIRS.find(([pattern]) => pattern.test(words))?.[1] ?? null;
}

/** What was learnt of providers' models from their refusals, until the process ends. */
export interface Repairs {
  learn(target: Target, repair: Repair): void;
  /** The oddities of a target, as the catalog knows them and as it showed them. `tried` = not learnt yet. */
  applied(target: Target, known: ReadonlySet<string>, tried: Repair | null): ReadonlySet<string>;
}

/** Creates an empty memory of them. */
export function createRepairs(): Repairs {
  const learnt = createBounded<readonly Repair[]>({ entries: 500, bytes: 1024 * 1024 });
  const keyOf = ({ provider, model }: Target): string => `${provider.id}/${model}`;
  return {
    learn(target, repair) {
      const key = keyOf(target);
      const others = (learnt.get(key) ?? []).filter(({ quirk }) => quirk !== repair.quirk);
      learnt.set(key, [...others, repair], 2 * key.length + 100);
    },
    applied(target, known, tried) {
      const repairs = [...(learnt.get(keyOf(target)) ?? []), ...(tried ? [tried] : [])];
      if (repairs.length === 0) return known;
      const quirks = new Set(known);
      for (const { quirk, has } of repairs) {
        if (has) quirks.add(quirk);
        else quirks.delete(quirk);
      }
      return quirks;
    },
  };
}

/** The oddities that no wire has a word for are seen to before rendering. */
export function applyQuirks(
  request: PivotRequest,
  quirks: ReadonlySet<string>,
  name: string,
): { request: PivotRequest; losses: Loss[] } {
  const losses: Loss[] = [];
  let changed = request;
  if (quirks.has('strip-thinking') && request.messages.some(thinks)) {
    changed = { ...changed, messages: changed.messages.flatMap(withoutThinking) };
    losses.push({ what: 'thinking', why: `${name} refuses what others thought` });
  }
  if (quirks.has('no-thoughts-shown') && changed.reasoning?.show) {
    changed = { ...changed, reasoning: { ...changed.reasoning, show: false } };
    losses.push({ what: 'summary of thoughts', why: `${name} refuses it` });
  }
  if (quirks.has('no-reasoning') && changed.reasoning) {
    const { reasoning: _reasoning, ...rest } = changed;
    changed = rest;
    losses.push({ what: 'reasoning', why: `${name} refuses it` });
  }
  return { request: changed, losses };
}

function thinks(message: PivotMessage): boolean {
  return (
    message.role === 'assistant' &&
    message.content.some((part) => part.type === 'reasoning' || ('signature' in part && part.signature))
  );
}

function withoutThinking(message: PivotMessage): PivotMessage[] {
  if (message.role !== 'assistant') return [message];
  const content = message.content.flatMap((part): AssistantPart[] => {
    if (part.type === 'reasoning') return [];
    if (part.type !== 'tool-call' && part.type !== 'text') return [part];
    const { signature: _signature, ...rest } = part;
    return [rest];
  });
  return content.length === 0 ? [] : [{ ...message, content }];
}
