import { parseDuration } from '../../../config/index.ts';
import { EXIT } from '../../../errors.ts';
import { VERSION } from '../../../version.ts';
import type { Context } from '../../context.ts';
import { jsonFields, jsonText, lookOf } from '../../render/index.ts';
import { usageError } from '../../usage-error.ts';
import { readState, type State, stateJson, waitForServer } from './state.ts';
import { statusText } from './text.ts';

const DEFAULT_WAIT = '10s';

/** Prints the state; exit 5 when no server runs (that is an answer, not an error). */
export async function runStatus(context: Context, wait: string | true | undefined): Promise<void> {
  const state = await (wait === undefined
    ? readState(context)
    : waitForServer(context, waitMs(wait === true ? DEFAULT_WAIT : wait)));
  if (context.json) {
    context.stdout.write(jsonText(jsonFields([stateJson(state)], context.json)[0]));
  } else {
    printState(context, state);
  }
  if (!state.running) context.exit(EXIT.notRunning);
}

/** Prints it for people. */
export function printState(context: Context, state: State): void {
  const { prefix, now } = context;
  const words = { prefix, version: VERSION, now: now() };
  context.stdout.write(statusText(state, words, lookOf(context, context.stdout)));
}

function waitMs(text: string): number {
  const ms = parseDuration(text);
  if (ms === null)
    throw usageError(`--wait takes a duration like 10s or 2m, not "${text}"`, '{cmd} status --wait 10s');
  return ms;
}
