import type { Comparison, RouteConditions } from '../config/index.ts';
import type { Asking } from './asking.ts';
import { splitProvider } from './candidates.ts';
import { matchesGlob } from './globs.ts';
import { roleOf } from './roles.ts';
import type { RequestFacts } from './types.ts';
import { printable, tokensText } from './words.ts';

/** null = it holds; else one clause that says why not. */
type Miss = string | null;

const anyOf = (patterns: readonly string[], text: string): boolean =>
  patterns.some((pattern) => matchesGlob(pattern, text));

const wants = (wanted: string | readonly string[]): string =>
  `rule wants ${typeof wanted === 'string' ? wanted : wanted.join(' or ')}`;

function named(what: string, name: string | null | undefined, wanted: readonly string[]): Miss {
  if (name !== null && name !== undefined && anyOf(wanted, name)) return null;
  const is = name ? `${what} is ${printable(name)}` : `no ${what} is declared`;
  return `${is}, ${wants(wanted)}`;
}

/** The asked name counts with and without the provider in front of it. */
function modelMiss(wanted: readonly string[], { request, state }: Asking): Miss {
  const bare = splitProvider(request.model, state)?.rest ?? request.model;
  if (anyOf(wanted, request.model) || anyOf(wanted, bare)) return null;
  return `model is ${printable(request.model)}, ${wants(wanted)}`;
}

const COMPARED: Record<Comparison['sign'], { holds(a: number, b: number): boolean; not: string }> = {
  '<': { holds: (a, b) => a < b, not: '>=' },
  '<=': { holds: (a, b) => a <= b, not: '>' },
  '>': { holds: (a, b) => a > b, not: '<=' },
  '>=': { holds: (a, b) => a >= b, not: '<' },
};

function inputMiss({ sign, value }: Comparison, { facts }: Asking): Miss {
  const tokens = facts()?.inputTokens;
  if (tokens === undefined) return 'input tokens are not known';
  if (COMPARED[sign].holds(tokens, value)) return null;
  // 180,004 is more than 180k, and should not be printed as that.
  const digits = tokensText(tokens) === tokensText(value) && tokens !== value ? 6 : 1;
  return `${tokensText(tokens, digits)} ${COMPARED[sign].not} ${tokensText(value, digits)}`;
}

function factMiss(fact: 'images' | 'tools', wanted: boolean, what: string, { facts }: Asking): Miss {
  const known: RequestFacts | null = facts();
  if (known === null) return `whether it has ${what} is not known`;
  if (known[fact] === wanted) return null;
  return wanted ? `it has no ${what}, rule wants some` : `it has ${what}, rule wants none`;
}

/** What a header says is the client's business, so that only its name is told. */
function headerMiss(wanted: Readonly<Record<string, string>>, { request }: Asking): Miss {
  for (const [name, pattern] of Object.entries(wanted)) {
    const value = request.headers?.[name];
    if (value === undefined) return `there is no header ${name}`;
    const values = typeof value === 'string' ? [value] : value;
    if (!values.some((one) => matchesGlob(pattern, one))) return `header ${name} is not ${pattern}`;
  }
  return null;
}

const MINUTES = 60;

const clockText = (minutes: number): string =>
  [Math.floor(minutes / MINUTES), minutes % MINUTES].map((part) => String(part).padStart(2, '0')).join(':');

function timeMiss({ from, to }: NonNullable<RouteConditions['time']>, { state }: Asking): Miss {
  const local = new Date(state.now);
  const at = local.getHours() * MINUTES + local.getMinutes();
  const within = from < to ? at >= from && at < to : at >= from || at < to;
  return within ? null : `it is ${clockText(at)}, ${wants(`${clockText(from)}-${clockText(to)}`)}`;
}

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

function dayMiss(wanted: readonly number[], { state }: Asking): Miss {
  const today = new Date(state.now).getDay();
  if (wanted.includes(today)) return null;
  return `it is ${DAYS[today]}, ${wants(wanted.map((day) => DAYS[day] ?? ''))}`;
}

type Condition = (when: RouteConditions, asking: Asking) => Miss;

/** A condition that holds where the rule does not have it. */
function on<K extends keyof RouteConditions>(
  name: K,
  missOf: (wanted: NonNullable<RouteConditions[K]>, asking: Asking) => Miss,
): Condition {
  return (when, asking) => {
    const wanted = when[name];
    return wanted === undefined || wanted === null ? null : missOf(wanted, asking);
  };
}

/** Every condition, those that need no look into the body first. */
const CONDITIONS: readonly Condition[] = [
  on('project', (wanted, { request }) => named('project', request.project, wanted)),
  on('agent', (wanted, { request }) => named('agent', request.agent, wanted)),
  on('model', modelMiss),
  on('role', (wanted, asking) =>
    roleOf(asking) === wanted ? null : `role is ${roleOf(asking)}, ${wants(wanted)}`,
  ),
  on('protocol', (wanted, { request }) =>
    wanted.includes(request.protocol) ? null : `protocol is ${request.protocol}, ${wants(wanted)}`,
  ),
  on('header', headerMiss),
  on('time', timeMiss),
  on('day', dayMiss),
  on('tools', (wanted, asking) => factMiss('tools', wanted, 'tools', asking)),
  on('image', (wanted, asking) => factMiss('images', wanted, 'images', asking)),
  on('input', inputMiss),
];

/** Why a rule does not apply: its first condition that does not hold. null = all do. */
export function missed(when: RouteConditions, asking: Asking): Miss {
  for (const condition of CONDITIONS) {
    const miss = condition(when, asking);
    if (miss !== null) return miss;
  }
  return null;
}
