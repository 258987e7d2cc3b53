import type { BudgetConcern } from '../../../budget/index.ts';
import type { ExplainedTarget, RouteExplanation } from '../../../router/index.ts';
import { type Look, pad, safeText, shortDuration, sum, tokens, widthOf, wrap } from '../../render/index.ts';
import { budgetLines } from './budget-lines.ts';

/** What a tree is drawn with. */
export interface TreeContext {
  look: Look;
  /** A running server answered: health was measured. */
  live: boolean;
  /** Those that count what the request would spend. */
  budgets: readonly BudgetConcern[];
}

/** Below this many columns the narrow form is used. */
const NARROW = 80;
const LABEL = 31;
const WIDEST = 100;

const isNarrow = ({ width }: Look): boolean => width < NARROW;

/** A plan for people: how every rule looked at it, who is asked in which order, and who is not. */
export function routeTree(explained: RouteExplanation, context: TreeContext): string {
  const { look } = context;
  const parts = [
    rulingLines(explained, look),
    whyLines(explained, look),
    isNarrow(look) ? briefTargets(explained, context) : targetLines(explained, context),
    passedOverLines(explained, look),
    budgetLines(explained, context),
  ].filter((lines) => lines.length > 0);
  const between = isNarrow(look) ? '' : '\n';
  return parts.map((lines) => lines.map((line) => `${line.trimEnd()}\n`).join('')).join(between);
}

/** The question in a line, and a verdict of each rule: the top of both trees. */
export function rulingLines(explained: RouteExplanation, look: Look): string[] {
  const { asked, agent, project, protocol } = explained;
  const about = tokens(explained.tokens).replace('.0', '');
  if (isNarrow(look)) {
    const who = [agent, project, about].filter((part) => part !== null).join(', ');
    return [...folded(`${safeText(asked)} (${safeText(who)})`, 0, look), ...briefVerdicts(explained, look)];
  }
  const facts = [
    ...(agent === null ? [] : [`asked by ${agent}`]),
    ...(project === null ? [] : [`project ${project}`]),
    `about ${about} input tokens`,
    protocol,
  ];
  const head = `${safeText(asked)}   ${safeText(facts.join(', '))}`;
  const lines = verdictLines(explained, look);
  return [...folded(head, 0, look), ...(lines.length > 0 ? ['', ...lines] : [])];
}

/** Rules without a place in the user's list. */
const BUILT_IN: ReadonlySet<string> = new Set(['small', 'default']);

function verdictLines({ verdicts }: RouteExplanation, look: Look): string[] {
  const { style, glyphs } = look;
  const width = Math.max(0, ...verdicts.map(({ rule }) => widthOf(safeText(rule))));
  return verdicts.flatMap(({ rule, matched, why }, i) => {
    const number = BUILT_IN.has(rule) ? glyphs.none : String(i + 1);
    const head = `  ${number} ${pad(safeText(rule), width)}   `;
    const said = matched ? style.green('YES') : style.dim('no ');
    const indent = widthOf(head) + 'YES   '.length;
    return wrap(safeText(why), roomOf(look) - indent).map((line, n) =>
      n === 0 ? `${head}${said}   ${line}` : ' '.repeat(indent) + line,
    );
  });
}

function briefVerdicts({ verdicts }: RouteExplanation, look: Look): string[] {
  const { style, glyphs } = look;
  const width = Math.max(0, ...verdicts.map(({ rule }) => widthOf(safeText(rule))));
  return verdicts.map(({ rule, matched, why }) => {
    const head = `${pad(safeText(rule), width)}  `;
    const room = look.width - widthOf(head) - 'YES '.length;
    const said = matched ? style.green('YES') : style.dim('no ');
    return `${said} ${head}${safeText(why.replace(/, rule wants .*$/, ''), room, glyphs.ellipsis)}`;
  });
}

function whyLines({ why }: RouteExplanation, look: Look): string[] {
  const head = `${isNarrow(look) ? '' : '  '}${look.glyphs.because} `;
  return why.flatMap((one) =>
    wrap(safeText(one), roomOf(look) - widthOf(head)).map((line, i) =>
      look.style.dim(i === 0 ? head + line : ' '.repeat(widthOf(head)) + line),
    ),
  );
}

const roomOf = ({ width }: Look): number => (Number.isFinite(width) ? Math.min(width, WIDEST) : width);

/** Text from outside over as many lines as it takes. */
function folded(text: string, indent: number, look: Look): string[] {
  return wrap(text, roomOf(look) - indent).map((line) => ' '.repeat(indent) + line);
}

function targetLines(explained: RouteExplanation, context: TreeContext): string[] {
  const { look } = context;
  const [first, ...others] = explained.targets;
  if (!first) return [];
  const { arrow, sep } = look.glyphs;
  const facts = [keyText(first, look), healthText(first, context)].filter((part) => part !== '');
  const row = (label: string, text: string): string[] =>
    wrap(text, roomOf(look) - LABEL - 4).map(
      (line, i) => `    ${i === 0 ? pad(label, LABEL) : ' '.repeat(LABEL)}${line}`,
    );
  const name = `  ${arrow} ${safeText(first.target)}`;
  const all = facts.join(` ${sep} `);
  const together = `${pad(name, LABEL + 3)} ${all}`;
  const fits = widthOf(together) <= roomOf(look);
  return [
    ...(fits ? [together] : [name, `    ${all}`]),
    ...row('cost if nothing is cached', costText(first)),
    ...others.flatMap((target, i) =>
      row(
        i === 0 ? 'if it fails before token 1' : 'if that fails too',
        `${arrow} ${safeText(target.target)}   ${[comparedPrice(target, first), troubleText(target)].filter(Boolean).join(` ${sep} `)}`,
      ),
    ),
    ...row(others.length === 0 ? 'if it fails' : 'if that fails too', 'its error goes to the client'),
  ];
}

function briefTargets({ targets }: RouteExplanation, context: TreeContext): string[] {
  const { look } = context;
  const { arrow } = look.glyphs;
  return targets.flatMap((target, i) => {
    const name = `${i === 0 ? `${arrow} ` : '  then '}${safeText(target.target)}`;
    if (i > 0) return folded(name, 0, look);
    const facts = [keyText(target, look), healthText(target, context)].filter((part) => part !== '');
    const line = `${name}  ${facts.join('  ')}`;
    return widthOf(line) <= look.width ? [line] : [name, ...facts.flatMap((fact) => folded(fact, 2, look))];
  });
}

function passedOverLines({ passedOver }: RouteExplanation, look: Look): string[] {
  const { circle } = look.glyphs;
  const indent = isNarrow(look) ? '' : '  ';
  const width = Math.max(0, ...passedOver.map(({ target }) => widthOf(safeText(target))));
  return passedOver.flatMap(({ target, why }) => {
    const name = `${indent}${circle} ${pad(safeText(target), width)}`;
    const line = `${name}   ${safeText(why)}`;
    if (widthOf(line) <= roomOf(look)) return [line];
    return [name.trimEnd(), ...folded(safeText(why), 4, look)];
  });
}

function keyText({ key, keyLabel }: ExplainedTarget, { glyphs, style }: Look): string {
  if (key === null) return 'no key needed';
  const label = keyLabel === null ? '' : ` (${keyLabel})`;
  return `key ${style.green(glyphs.dot)} ${safeText(`${key}${label}`)}`;
}

const percentOf = (share: number): string => `${Math.round(share * 100)}%`;

function healthText({ health }: ExplainedTarget, { look, live }: TreeContext): string {
  if (!live) return '';
  const { glyphs, style } = look;
  if (health.state !== 'ok')
    return `health ${style.yellow(glyphs.warn)} ${safeText(`${health.state}${health.why ? `, ${health.why}` : ''}`)}`;
  if (health.ok === null) return `health ${glyphs.circle} not called yet`;
  const speed = health.ttftMs === null ? '' : `, ttft ${shortDuration(health.ttftMs, 2)}`;
  return `health ${style.green(glyphs.dot)} ${percentOf(health.ok)}${speed}`;
}

/** What is wrong with a target, if anything is. */
function troubleText({ health }: ExplainedTarget): string {
  return health.state === 'ok' ? '' : safeText(`${health.state}${health.why ? `, ${health.why}` : ''}`);
}

/** `about $0.60 + $25.00 per 1M output` */
function costText({ inputNanoUsd, costState, price }: ExplainedTarget): string {
  if (costState === 'free' || costState === 'local') return costState;
  if (inputNanoUsd === null || costState === 'unknown') return '? (no price is known)';
  const output =
    price?.output === null || price === null ? '' : ` + $${price.output.toFixed(2)} per 1M output`;
  const demo = costState === 'demo' ? 'demo, ' : '';
  return `${demo}about ${sum(inputNanoUsd)}${output}`;
}

function comparedPrice({ price, costState }: ExplainedTarget, first: ExplainedTarget): string {
  if (costState === 'free' || costState === 'local' || costState === 'demo') return costState;
  if (price === null || price.input === null || price.output === null) return 'price ?';
  if (price.input === first.price?.input && price.output === first.price.output) return 'same price';
  return `$${price.input.toFixed(2)} in, $${price.output.toFixed(2)} out per 1M`;
}
