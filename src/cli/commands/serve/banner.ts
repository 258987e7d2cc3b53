import type { ServerStatus } from '../../../server/index.ts';
import { budgetText } from '../../render/budget.ts';
import { type Look, pad, plural, safeText, widthOf, wrap } from '../../render/index.ts';
import { keyGroups } from './key-lines.ts';
import { noticeLines } from './notices.ts';
import { tryIt } from './try-it.ts';

/** What the banner tells. */
export interface BannerFacts {
  status: ServerStatus;
  /** null with `--no-auth`. */
  token: string | null;
  /** Who can reach it without TLS, for a warning: null = only this machine. */
  openHost: string | null;
  prefix: string;
  /** Providers that a key could be added for. */
  knownProviders: number;
  /** Where keys are looked for: `keychain, environment`. */
  lookedIn: string;
  /** ms from the start of the process until now. */
  startMs: number;
  /** Somebody sits there: say which keys do what. */
  hints: boolean;
}

/** One fact: the label, what it is, and a remark that a narrow screen does without. */
interface Fact {
  label: string;
  lines: string[];
  about?: string;
}

const NARROW = 80;

interface Shape {
  width: number;
  indent: number;
  label: number;
  value: number;
  narrow: boolean;
}

const shapeOf = ({ width }: Look): Shape =>
  width < NARROW
    ? { width, indent: 0, label: 11, value: 0, narrow: true }
    : { width, indent: 2, label: 13, value: 35, narrow: false };

/** The text of the banner; its last line begins with `Ready.`. */
export function bannerText(facts: BannerFacts, look: Look): string {
  const shape = shapeOf(look);
  const blocks = [
    [title(facts, look)],
    addresses(facts.status.url, look).flatMap((fact) => factLines(fact, shape, look)),
    shelves(facts, look, shape).flatMap((fact) => factLines(fact, shape, look)),
    next(facts, look, shape),
    warningLines(facts, look),
    [ready(facts, look)],
  ].filter((block) => block.length > 0);
  return `${blocks.map((block) => block.join('\n')).join('\n\n')}\n`;
}

const hasKeys = ({ status }: BannerFacts): boolean => status.keys.some(({ source }) => source !== null);

function title(facts: BannerFacts, look: Look): string {
  const { style, width } = look;
  const name = `${style.bold('unorouter')} ${safeText(facts.status.version)}`;
  const about = hasKeys(facts) ? `up in ${(facts.startMs / 1000).toFixed(2)}s` : 'no key yet';
  if (width < NARROW || !Number.isFinite(width)) return `${name} ${look.glyphs.sep} ${about}`;
  return pad(name, width - about.length) + style.dim(about);
}

function addresses(url: string, { style, glyphs }: Look): Fact[] {
  const link = (text: string): string[] => [style.cyan.underline(text)];
  return [
    {
      label: 'OpenAI',
      lines: link(`${url}/v1`),
      about: 'chat/completions, responses, embeddings, models',
    },
    { label: 'Anthropic', lines: link(url), about: '/v1/messages, /v1/messages/count_tokens' },
    { label: 'Gemini', lines: link(url), about: `/v1beta/models/${glyphs.ellipsis}:generateContent` },
  ];
}

function shelves(facts: BannerFacts, look: Look, shape: Shape): Fact[] {
  const { status, prefix } = facts;
  const { dot, circle } = look.glyphs;
  const { green, dim } = look.style;
  const room = shape.width - shape.indent - shape.label;
  const keys: Fact = hasKeys(facts)
    ? {
        label: 'Keys',
        lines: keyGroups({ keys: status.keys, known: facts.knownProviders, prefix }, look).flatMap((group) =>
          flow(group, room),
        ),
      }
    : {
        label: 'Keys',
        lines: [`${dim(circle)} none yet`],
        about: `looked in: ${facts.lookedIn}`,
      };
  const local = status.local.map(
    ({ provider, url, models }) =>
      `${green(dot)} ${provider}  ${plural(models, 'model')} at ${safeText(URL.canParse(url) ? new URL(url).host : url)}`,
  );
  return [
    keys,
    ...(local.length > 0 ? [{ label: 'Local', lines: local }] : []),
    ...defaultModel(facts, look),
    ...budgets(facts, shape),
    ...demo(facts, look, room),
  ];
}

function defaultModel(facts: BannerFacts, { style, glyphs }: Look): Fact[] {
  const { status, prefix } = facts;
  if (status.demo || (status.default === null && !hasKeys(facts))) return [];
  const [text, word] =
    status.default === null
      ? [`${style.dim(glyphs.circle)} none`, 'set']
      : [safeText(status.default), 'change'];
  return [{ label: 'Default', lines: [text], about: `${word}: ${prefix} use <model>` }];
}

function budgets({ status }: BannerFacts, { narrow }: Shape): Fact[] {
  const lines = status.budgets.map((one) => safeText(budgetText(one, narrow)));
  return lines.length > 0 ? [{ label: 'Budget', lines }] : [];
}

/** Said where it matters: without a key, and where the demo answers for everybody. */
function demo(facts: BannerFacts, { style, glyphs }: Look, room: number): Fact[] {
  if (!facts.status.demo && hasKeys(facts)) return [];
  const text = facts.status.demo
    ? 'the built-in demo answers every model name; no provider is called'
    : 'demo/echo, demo/coder and 4 more answer without a key or internet';
  const lines = wrap(text, room - 2).map((line, i) =>
    i === 0 ? `${style.green(glyphs.dot)} ${line}` : `  ${line}`,
  );
  return [{ label: 'Demo', lines }];
}

/** What to do now. The request stands at the left edge of a narrow screen, where its token just fits. */
function next(facts: BannerFacts, look: Look, { narrow, width }: Shape): string[] {
  const { status, token, prefix } = facts;
  const { style } = look;
  const indent = narrow ? '' : '    ';
  const model = hasKeys(facts) && status.default !== null ? status.default : 'demo/echo';
  const command = tryIt({ url: status.url, token, model }, width - indent.length);
  const label = (text: string): string => (narrow ? '' : '  ') + style.dim(text);
  const others = `eval "$(${prefix} env)"`;
  const about = 'sets OPENAI_BASE_URL, OPENAI_API_KEY, ANTHROPIC_BASE_URL and others';
  const remark = `${' '.repeat(3)}${about}`;
  const fits = widthOf(`${indent}${others}${remark}`) <= width;
  return [
    ...(hasKeys(facts) || status.demo
      ? []
      : [label('Add a key, in another terminal'), `${indent}${prefix} keys add anthropic`]),
    label(narrow ? 'Try it' : 'Try it, in another terminal'),
    ...command.map((line) => indent + line),
    label(narrow ? 'Start an agent' : 'Start an agent, with none of its files changed'),
    `${indent}${prefix} run ${model === 'demo/echo' ? '--model demo/coder ' : ''}-- claude`,
    label('Anything else'),
    `${indent}${others}${fits && !narrow ? style.dim(remark) : ''}`,
  ];
}

const BODIES = {
  errors:
    'bodies of failed requests are kept on this disk as plain text (keys are taken out): logs show --body',
  on: 'prompts and answers are kept on this disk as plain text (keys are taken out): logs show --body',
};

/** What must be said even when no banner is wanted. */
export function warningLines({ status, openHost }: BannerFacts, look: Look): string[] {
  const texts = [
    ...(status.auth
      ? []
      : ['--no-auth: no token is asked for, so every program on this machine can spend your money']),
    ...(openHost === null
      ? []
      : [`--insecure-http: whoever can read the traffic to ${openHost} can read the token and the prompts`]),
    ...(status.bodies === 'off' ? [] : [BODIES[status.bodies]]),
    ...status.problems,
  ];
  return texts.flatMap((text) => noticeLines('warn', text, look));
}

function ready({ hints, prefix }: BannerFacts, { glyphs, width }: Look): string {
  const words = [
    `Ready. Waiting for requests.    columns: ${prefix} serve --help ${glyphs.sep} Ctrl-C stop`,
    'Ready. Waiting for requests.    Ctrl-C stop',
  ];
  if (!hints) return 'Ready. Waiting for requests.';
  return words.find((line) => widthOf(line) <= width) ?? 'Ready. Ctrl-C stop';
}

function factLines({ label, lines, about }: Fact, shape: Shape, { style }: Look): string[] {
  const [first = '', ...more] = lines;
  const head = ' '.repeat(shape.indent) + style.dim(pad(label, shape.label)) + first;
  const indent = ' '.repeat(shape.indent + shape.label);
  const remark = about === undefined ? '' : ' '.repeat(Math.max(2, shape.value - widthOf(first))) + about;
  const fits = !shape.narrow && widthOf(head) + widthOf(remark) <= shape.width;
  return [
    (fits ? head + style.dim(remark) : head).trimEnd(),
    ...more.map((line) => `${indent}${line}`.trimEnd()),
  ];
}

/** Items in lines; none is broken. Colours take no room. */
function flow(items: readonly string[], width: number): string[] {
  const lines: string[] = [];
  for (const item of items) {
    const line = lines.at(-1);
    if (line === undefined || widthOf(`${line}  ${item}`) > width) lines.push(item);
    else lines[lines.length - 1] = `${line}  ${item}`;
  }
  return lines;
}
