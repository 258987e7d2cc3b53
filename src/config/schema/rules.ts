import * as z from 'zod';
import { BUDGET_ACTIONS } from '../budgets.ts';
import { dollars, flag, listOf, mapOf, oneOf, oneOrMore, section, textLike } from './leaves.ts';
import { agentId, glob, headerName, modelName, PROTOCOLS, providerId } from './words.ts';

const MOST_USD = 1_000_000;
/** In the order of `Date.getDay`. */
export const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
const CLOCK = '([01]\\d|2[0-3]):[0-5]\\d';

const globs = oneOrMore(glob, 'a name or a pattern with * and ?', 'them');

/** What a request must be like for a rule to apply; all of them must hold. */
const when = section({
  project: globs.optional().describe('Declared by label or header'),
  agent: globs.optional().describe('claude, codex and so on'),
  model: globs.optional().describe('The name that was asked for, with or without its provider'),
  role: oneOf(['main', 'small']).optional().describe("small = an agent's background work"),
  input: textLike(
    /^(<|<=|>|>=) ?\d{1,9}(\.\d{1,3})?[kM]?$/,
    'a comparison of input tokens in quotes, such as "> 180k"',
  )
    .optional()
    .describe('Input tokens, as an estimate'),
  image: flag().optional().describe('The request has a picture'),
  tools: flag().optional().describe('The request offers tools'),
  protocol: oneOrMore(oneOf(PROTOCOLS), `one of ${PROTOCOLS.join(', ')},`, 'them').optional(),
  header: mapOf(headerName, glob, 'header names and patterns')
    .optional()
    .describe('The client sent these headers'),
  time: textLike(new RegExp(`^${CLOCK}-${CLOCK}$`), 'a span of local time, such as "22:00-06:00"')
    .optional()
    .describe('Local time; may go over midnight'),
  day: oneOrMore(oneOf(DAYS), `one of ${DAYS.join(', ')},`, 'them')
    .optional()
    .describe('Local day of the week'),
});

/** `routes:`; the first rule that matches wins. */
export const routes = listOf(
  section({
    name: textLike(/^[^\r\n]{1,100}$/, 'a name').optional(),
    when: when.optional(),
    to: oneOrMore(modelName, 'a model', 'models').describe(
      'Models, aliases, or PROVIDER/* (the same model there); several in order',
    ),
    strict: flag().optional().describe('Whether its requests are refused rather than lose something'),
  }),
  'rules',
);

const spans = {
  day: dollars(MOST_USD).optional(),
  week: dollars(MOST_USD).optional(),
  month: dollars(MOST_USD).optional(),
};

const consequences = {
  warn: textLike(/^(100|[1-9]?\d)%$/, 'a percentage such as 80%').optional(),
  action: oneOf(BUDGET_ACTIONS).optional(),
  to: modelName.optional(),
};

/** `budget:`; `15/day` is short for `{ day: 15 }`. */
export const budget = z.union(
  [
    section({ ...spans, ...consequences }),
    textLike(/^\d{1,6}(\.\d{1,6})?\/(day|week|month)$/, 'an amount such as 10/day'),
  ],
  { error: 'must be an amount such as 10/day, or a mapping such as { day: 10, warn: 80%, action: block }' },
);

/** `budgets:`; each for one project, agent, provider or model. */
export const budgets = listOf(
  section({
    project: glob.optional(),
    agent: agentId.optional(),
    provider: providerId.optional(),
    model: glob.optional(),
    ...spans,
    ...consequences,
  }),
  'budgets',
);
