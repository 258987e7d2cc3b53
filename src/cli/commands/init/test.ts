import { labelToken, loadToken } from '../../../home/index.ts';
import { askFirst } from '../../ask.ts';
import { wholeAnswer } from '../../client.ts';
import type { Context } from '../../context.ts';
import { cut, safeText, shortDuration } from '../../render/index.ts';
import { loadShelves } from '../../shelves.ts';
import { holdServer } from '../run/private-server.ts';
import type { Outcome, Wizard } from './step.ts';

/** Answers without a key, a network or a bill. */
const DEMO = 'demo/echo';

/** A real request to the default model, through the running server or one that ends with it. */
export async function testStep(wizard: Wizard): Promise<Outcome> {
  const { context } = wizard;
  const model = (await loadShelves(context)).defaultModel ?? DEMO;
  const command = `run --model ${model} -- <agent>`;
  const skipped = { done: false, text: `not sent: "Say hi" to ${model}`, command };
  if (!wizard.asks && !wizard.acts) return skipped;
  const cost = model === DEMO ? 'it costs nothing' : 'it costs a few tokens';
  if (
    wizard.asks &&
    !(await askFirst(context, `Send "Say hi" to ${model}? (${cost})`, command, { initialValue: true }))
  )
    return skipped;
  const held = await holdServer(context, true, null);
  try {
    const answer = await sayHi(context, held.client.url, model);
    return { done: answer.status === 200, text: `"Say hi" → ${told(answer, model)}`, command: null };
  } finally {
    held.release();
  }
}

interface Said {
  /** null = there was no answer, or not all of it. */
  status: number | null;
  served: string | null;
  /** What it says, or why not. */
  text: string;
  ms: number;
}

function told({ status, served, text, ms }: Said, model: string): string {
  if (status === null) return `${model}: no answer (${safeText(text)})`;
  const short = cut(safeText(text.trim().replace(/\s+/g, ' ')), MOST_TEXT);
  return status === 200
    ? `${served ?? model}: 200, ${shortDuration(ms, 1)}, "${short}"`
    : `${model}: ${status}, ${safeText(text)}`;
}

const MOST_TEXT = 60;
/** Cold models of a local server take their time; whoever does not want to wait presses Ctrl-C. */
const PATIENCE_MS = 120_000;

async function sayHi(context: Context, url: string, model: string): Promise<Said> {
  const { token } = loadToken(context.paths, context.env);
  const started = performance.now();
  const body = { model, messages: [{ role: 'user', content: 'Say hi' }] };
  const answer = await wholeAnswer(
    url,
    labelToken(token, 'init', null),
    { method: 'POST', path: '/v1/chat/completions', body },
    PATIENCE_MS,
  );
  const ms = performance.now() - started;
  if (answer instanceof Error) return { status: null, served: null, text: answer.message, ms };
  const served = answer.headers['x-unorouter-served'];
  return {
    status: answer.status,
    served: typeof served === 'string' ? served : null,
    text: wordsIn(answer.text),
    ms,
  };
}

/** The answer's text or the error's message. */
function wordsIn(text: string): string {
  try {
    const { choices, error } = JSON.parse(text) as {
      choices?: { message?: { content?: unknown } }[];
      error?: { message?: unknown };
    };
    return String(choices?.[0]?.message?.content ?? error?.message ?? '');
  } catch {
    // Something else listens there.
    return 'no answer that can be read';
  }
}
