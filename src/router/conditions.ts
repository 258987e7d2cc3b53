import type { Comparison, RouteConditions } from '../config/index.ts';
import type { Asking } from './asking.ts';
import { fits, type Glob, globOf, matchesGlob } from './globs.ts';
import { roleOf } from './roles.ts';
import { printable, tokensText } from './words.ts';

/** A condition of one rule, made once for all requests. */
export interface Check {
  holds(asking: Asking): boolean;
  /** One clause that says why it does not hold: asked only for those who read it. */
  miss(asking: Asking): string;
}

const wants = (wanted: string | readonly string[]): string =>
  `rule wants ${typeof wanted === 'string' ? wanted : wanted.join(' or ')}`;

function named(
  what: string,
  wanted: readonly string[],
  nameOf: (asking: Asking) => string | null | undefined,
): Check {
  return {
    holds(asking) {
      const name = nameOf(asking);
      return name !== null && name !== undefined && wanted.some((pattern) => matchesGlob(pattern, name));
    },
    miss(asking) {
      const name = nameOf(asking);
      return `${name ? `${what} is ${printable(name)}` : `no ${what} is declared`}, ${wants(wanted)}`;
    },
  };
}

function anyFits(globs: readonly Glob[], name: string): boolean {
  for (const glob of globs) if (fits(glob, name)) return true;
  return false;
}

/** The asked name counts with and without the provider in front of it. */
function modelCheck(wanted: readonly string[]): Check {
  const globs = wanted.map(globOf);
  const oneFits = (name: string): boolean => anyFits(globs, name);
  return {
    holds: ({ names }) => oneFits(names.asked) || (names.bare !== names.asked && oneFits(names.bare)),
    miss: ({ request }) => `model is ${printable(request.model)}, ${wants(wanted)}`,
  };
}

const COMPARED: Record<Comparison['sign'], { holds(a: number, b: number): boolean; not: string }> = {
  '<': { holds: (a, b) => a < b, not: '>=' },
  '<=': { holds: (a, b) => a <= b, not: '>' },
  '>': { holds: (a, b) => a > b, not: '<=' },
  '>=': { holds: (a, b) => a >= b, not: '<' },
};

function inputCheck({ sign, value }: Comparison): Check {
  const tokensOf = ({ facts }: Asking): number | undefined => facts()?.inputTokens;
  return {
    holds(asking) {
      const tokens = tokensOf(asking);
      return tokens !== undefined && COMPARED[sign].holds(tokens, value);
    },
    miss(asking) {
      const tokens = tokensOf(asking);
      if (tokens === undefined) return 'input tokens are not known';
      // 180,004 is more than 180k, and should not be printed as that.
      const digits = tokensText(tokens) === tokensText(value) && tokens !== value ? 6 : 1;
      return `${tokensText(tokens, digits)} ${COMPARED[sign].not} ${tokensText(value, digits)}`;
    },
  };
}

function factCheck(fact: 'images' | 'tools', what: string): (wanted: boolean) => Check {
  return (wanted) => ({
    holds: ({ facts }) => facts()?.[fact] === wanted,
    miss({ facts }) {
      if (facts() === null) return `whether it has ${what} is not known`;
      return wanted ? `it has no ${what}, rule wants some` : `it has ${what}, rule wants none`;
    },
  });
}

/** What a header says is the client's business, so that only its name is told. */
function headerCheck(wanted: Readonly<Record<string, string>>): Check {
  const valuesOf = ({ request }: Asking, name: string): readonly string[] => {
    const value = request.headers?.[name];
    return value === undefined ? [] : typeof value === 'string' ? [value] : value;
  };
  const missing = (asking: Asking): [name: string, pattern: string] | undefined =>
    Object.entries(wanted).find(
      ([name, pattern]) => !valuesOf(asking, name).some((value) => matchesGlob(pattern, value)),
    );
  return {
    holds: (asking) => missing(asking) === undefined,
    miss(asking) {
      const [name = '', pattern = ''] = missing(asking) ?? [];
      return asking.request.headers?.[name] === undefined
        ? `there is no header ${name}`
        : `header ${name} is not ${pattern}`;
    },
  };
}

const MINUTES = 60;

const clockText = (minutes: number): string =>
  [Math.floor(minutes / MINUTES), minutes % MINUTES].map((part) => String(part).padStart(2, '0')).join(':');

function timeCheck({ from, to }: NonNullable<RouteConditions['time']>): Check {
  const minuteOf = ({ state }: Asking): number => {
    const local = new Date(state.now);
    return local.getHours() * MINUTES + local.getMinutes();
  };
  return {
    holds(asking) {
      const at = minuteOf(asking);
      return from < to ? at >= from && at < to : at >= from || at < to;
    },
    miss: (asking) => `it is ${clockText(minuteOf(asking))}, ${wants(`${clockText(from)}-${clockText(to)}`)}`,
  };
}

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

function dayCheck(wanted: readonly number[]): Check {
  const dayOf = ({ state }: Asking): number => new Date(state.now).getDay();
  return {
    holds: (asking) => wanted.includes(dayOf(asking)),
    miss: (asking) => `it is ${DAYS[dayOf(asking)]}, ${wants(wanted.map((day) => DAYS[day] ?? ''))}`,
  };
}

/** Makes the check of one kind for a rule; null = the rule has no such condition. */
type Condition = (when: RouteConditions) => Check | null;

function on<K extends keyof RouteConditions>(
  name: K,
  checkFor: (wanted: NonNullable<RouteConditions[K]>) => Check,
): Condition {
  return (when) => {
    const wanted = when[name];
    return wanted === undefined || wanted === null ? null : checkFor(wanted);
  };
}

/** Every condition, those that need no look into the body first. */
const CONDITIONS: readonly Condition[] = [
  on('project', (wanted) => named('project', wanted, ({ request }) => request.project)),
  on('agent', (wanted) => named('agent', wanted, ({ request }) => request.agent)),
  on('model', modelCheck),
  on('role', (wanted) => ({
    holds: (asking) => roleOf(asking) === wanted,
    miss: (asking) => `role is ${roleOf(asking)}, ${wants(wanted)}`,
  })),
  on('protocol', (wanted) => ({
    holds: ({ request }) => wanted.includes(request.protocol),
    miss: ({ request }) => `protocol is ${request.protocol}, ${wants(wanted)}`,
  })),
  on('header', headerCheck),
  on('time', timeCheck),
  on('day', dayCheck),
  on('tools', factCheck('tools', 'tools')),
  on('image', factCheck('images', 'images')),
  on('input', inputCheck),
];

/** The checks of a rule, in the order in which they are looked at. */
export function checksOf(when: RouteConditions): Check[] {
  return CONDITIONS.flatMap((condition) => condition(when) ?? []);
}

/** Whether all conditions of a rule hold. */
export function holdsAll(checks: readonly Check[], asking: Asking): boolean {
  // A plain loop: with 500 rules it is a third of the cost of a request otherwise.
  for (const check of checks) if (!check.holds(asking)) return false;
  return true;
}

/** Why a rule does not apply: its first condition that does not hold. null = all do. */
export function missed(checks: readonly Check[], asking: Asking): string | null {
  return checks.find((check) => !check.holds(asking))?.miss(asking) ?? null;
}
