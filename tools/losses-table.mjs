// What a request loses on its way from a client's wire language to another one: made by translating one request that
// says everything (maximal-requests.mjs) with the code of src/protocols, for a provider that knows its whole language.
//
//   node tools/losses-table.mjs             prints the table
//   node tools/losses-table.mjs --write     puts it into README.md, between the two losses marks
//   node tools/losses-table.mjs --check     exit 1 when README.md says something else
//   node tools/losses-table.mjs --silent    what neither arrives nor is named as a loss; exit 1 when there is anything
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { MAXIMAL } from './maximal-requests.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const README = `${root}README.md`;
const BEGIN = '<!-- losses:begin -->';
const END = '<!-- losses:end -->';
const NAMES = {
  'openai-chat': 'Chat Completions',
  'openai-responses': 'Responses',
  'anthropic-messages': 'Messages',
  gemini: 'Gemini',
};
/** What the newest model of each language's own vendor knows; nothing that it refuses. */
const QUIRKS = {
  'openai-chat': [
    ...['max-completion-tokens', 'developer-role', 'custom-tools', 'prompt-cache-key', 'reasoning-effort'],
    ...['thinking-off', 'effort-xhigh', 'effort-max', 'verbosity'],
  ],
  'openai-responses': [
    ...['prompt-cache-key', 'reasoning-effort', 'thinking-off', 'effort-xhigh', 'effort-max', 'verbosity'],
  ],
  'anthropic-messages': ['adaptive-thinking', 'thinking-off', 'effort-xhigh', 'effort-max'],
  gemini: ['thinking-level'],
};

async function protocols() {
  const { outputFiles } = await build({
    entryPoints: [`${root}src/protocols/index.ts`],
    bundle: true,
    write: false,
    format: 'esm',
    logLevel: 'error',
  });
  const code = Buffer.from(outputFiles[0].contents).toString('base64');
  return (await import(`data:text/javascript;base64,${code}`)).protocolOf;
}

/** Every pair of different languages, with what was rendered. */
async function translate() {
  const protocolOf = await protocols();
  return Object.entries(MAXIMAL).flatMap(([from, { request, marks }]) => {
    const pivot = protocolOf(from).parseRequest(request, { model: 'maximal', stream: false });
    if ('problem' in pivot) throw new Error(`${from}: ${pivot.problem}`);
    return Object.keys(MAXIMAL)
      .filter((to) => to !== from)
      .map((to) => {
        const target = { model: 'maximal', provider: to, quirks: new Set(QUIRKS[to]), reasons: true };
        return { from, to, marks, ...protocolOf(to).renderRequest(pivot, target) };
      });
  });
}

const cell = (text) => text.replace(/\s+/g, ' ').replace(/\|/g, '\\|');

/** Reasons that the columns of the table say already. */
const OBVIOUS = /no word for it|only \S+ (knows it|runs)|run by the provider/;

function nameOf({ what, why }) {
  const name = `\`${cell(what)}\``;
  return OBVIOUS.test(why) ? name : `${name} (${cell(why)})`;
}

function row({ from, to, losses }) {
  const lost = [...new Set(losses.map(nameOf))];
  return `| ${NAMES[from]} | ${NAMES[to]} | ${lost.length > 0 ? lost.join(', ') : 'nothing'} |`;
}

function tableOf(pairs) {
  return ['| Client speaks | Provider speaks | Does not cross |', '|---|---|---|', ...pairs.map(row)].join(
    '\n',
  );
}

const plain = (text) => text.toLowerCase().replace(/[^a-z0-9]/g, '');

/** Marks of the request that are neither in the body nor named by a loss. */
function silentOf({ from, to, marks, body, losses }) {
  const sent = JSON.stringify(body);
  const named = losses.map(({ what }) => plain(what));
  return Object.entries(marks)
    .filter(([mark, what]) => {
      const words = what.split('|').map(plain);
      return !sent.includes(mark) && !named.some((lost) => words.some((word) => lost.includes(word)));
    })
    .map(([mark, what]) => `${from} -> ${to}: ${what} (${mark})`);
}

/** README.md as it is and as it should be; null when it has no place for the table. */
function readme(table) {
  const text = readFileSync(README, 'utf8');
  const begin = text.indexOf(BEGIN);
  const end = text.indexOf(END);
  if (begin < 0 || end < begin) return null;
  return { text, wanted: `${text.slice(0, begin + BEGIN.length)}\n${table}\n${text.slice(end)}` };
}

function intoReadme(table, write) {
  const found = readme(table);
  if (!found) return `README.md has no ${BEGIN} … ${END}`;
  if (found.text === found.wanted) return null;
  if (!write) return 'README.md says something else. Run: node tools/losses-table.mjs --write';
  writeFileSync(README, found.wanted);
  return null;
}

const [option] = process.argv.slice(2);
const pairs = await translate();
if (option === '--silent') {
  const silent = pairs.flatMap(silentOf);
  for (const line of silent) console.log(line);
  process.exitCode = silent.length > 0 ? 1 : 0;
} else if (option === '--write' || option === '--check') {
  const problem = intoReadme(tableOf(pairs), option === '--write');
  if (problem) console.error(`error: ${problem}`);
  process.exitCode = problem ? 1 : 0;
} else {
  console.log(tableOf(pairs));
}
