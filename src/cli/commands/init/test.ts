import { type IncomingMessage, request } from 'node:http';
import { request as requestTls } from 'node:https';
import { labelToken, loadToken } from '../../../home/index.ts';
import { askFirst } from '../../ask.ts';
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

interface Answer {
  status: number;
  served: string | null;
  /** What it says, or why not. */
  text: string;
  ms: number;
}

function told({ status, served, text, ms }: Answer, model: string): string {
  const short = cut(safeText(text.trim().replace(/\s+/g, ' ')), MOST_TEXT);
  return status === 200
    ? `${served ?? model}: 200, ${shortDuration(ms, 1)}, "${short}"`
    : `${model}: ${status}, ${safeText(text)}`;
}

const MOST_TEXT = 60;
/** Cold models of a local server take their time; whoever does not want to wait presses Ctrl-C. */
const PATIENCE_MS = 120_000;

async function sayHi(context: Context, url: string, model: string): Promise<Answer> {
  const { token } = loadToken(context.paths, context.env);
  const body = JSON.stringify({ model, messages: [{ role: 'user', content: 'Say hi' }] });
  const started = performance.now();
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const start = url.startsWith('https:') ? requestTls : request;
    const sent = start(
      `${url}/v1/chat/completions`,
      {
        method: 'POST',
        agent: false,
        timeout: PATIENCE_MS,
        headers: {
          authorization: `Bearer ${labelToken(token, 'init', null)}`,
          'content-type': 'application/json',
        },
      },
      resolve,
    );
    sent.on('timeout', () => sent.destroy(new Error('no answer')));
    sent.on('error', reject);
    sent.end(body);
  }).catch((error: Error) => error);
  const passed = (): number => performance.now() - started;
  if (response instanceof Error) return { status: 0, served: null, text: response.message, ms: passed() };
  let text = '';
  for await (const chunk of response) text += String(chunk);
  const served = response.headers['x-unorouter-served'];
  return {
    status: response.statusCode ?? 0,
    served: typeof served === 'string' ? served : null,
    text: wordsIn(text),
    ms: passed(),
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
    // It broke off, or something else listens there.
    return 'no answer that can be read';
  }
}
