import type { Comparison, RouteConditions } from '../../../config/index.ts';
import { tokens } from '../../render/index.ts';

type Conditions = Required<RouteConditions>;

const oneOf = (names: readonly string[]): string => names.join(' or ');

const MINUTES = 60;
const clock = (minutes: number): string =>
  [Math.floor(minutes / MINUTES), minutes % MINUTES].map((part) => String(part).padStart(2, '0')).join(':');

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

const inputText = ({ sign, value }: Comparison): string =>
  `input ${sign} ${value % 1_000 === 0 ? tokens(value).replace(/\.0(?=[kM])/, '') : value} tokens`;

const WORDS: { readonly [K in keyof Conditions]: (wanted: Conditions[K]) => string } = {
  project: (names) => `project = ${oneOf(names)} (declared)`,
  agent: (names) => `agent = ${oneOf(names)}`,
  model: (names) => `model = ${oneOf(names)}`,
  role: (role) => `role = ${role}`,
  input: inputText,
  image: (wanted) => (wanted ? 'with an image' : 'without images'),
  tools: (wanted) => (wanted ? 'with tools' : 'without tools'),
  protocol: (ids) => `protocol = ${oneOf(ids)}`,
  header: (patterns) =>
    Object.entries(patterns)
      .map(([name, pattern]) => `header ${name} = ${pattern}`)
      .join(', '),
  time: ({ from, to }) => `time ${clock(from)}-${clock(to)}`,
  day: (days) => `day = ${oneOf(days.map((day) => DAYS[day] ?? ''))}`,
};

const NAMES = Object.keys(WORDS) as (keyof Conditions)[];

function worded<K extends keyof Conditions>(name: K, when: Partial<Conditions>): string[] {
  const wanted: Conditions[K] | undefined = when[name];
  return wanted === undefined ? [] : [WORDS[name](wanted)];
}

/** Conditions in words, all of which must hold: `role = small, input > 180k tokens`. */
export function whenText(when: RouteConditions): string {
  const parts = NAMES.flatMap((name) => worded(name, when));
  return parts.length > 0 ? parts.join(', ') : 'always';
}
