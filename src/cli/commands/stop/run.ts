import { existsSync } from 'node:fs';
import { parseDuration } from '../../../config/index.ts';
import { EXIT, UserError } from '../../../errors.ts';
import { askHealth, readServerFile } from '../../../home/index.ts';
import type { ServerStatus } from '../../../server/index.ts';
import { type Client, connect } from '../../client.ts';
import type { Context } from '../../context.ts';
import { jsonFields, jsonText, lookOf, plural } from '../../render/index.ts';
import { usageError } from '../../usage-error.ts';

const DEFAULT_TIMEOUT = '30s';
const POLL_MS = 100;

/** Stops the running server. @throws UserError `not_running` (exit 5), `still_running` (exit 1) */
export async function runStop(context: Context, flags: { timeout?: string; force?: true }): Promise<void> {
  const timeout = flags.timeout ?? DEFAULT_TIMEOUT;
  const withinMs = parseDuration(timeout);
  if (withinMs === null)
    throw usageError(
      `--timeout takes a duration like 30s or 2m, not "${timeout}"`,
      '{cmd} stop --timeout 30s',
    );
  const client = await connect(context);
  const status = await client.status();
  const live = status.live.length;
  await client.stop(flags.force ? 'now' : 'drain');
  if (live > 0 && !flags.force && !context.quiet && !context.json)
    context.stderr.write(
      `Waiting for ${plural(live, 'live request')}${lookOf(context, context.stderr).glyphs.ellipsis}\n`,
    );
  if (!(await gone(context, status, withinMs))) throw stillRunning(timeout);
  const answer = { stopped: true, pid: status.pid, url: status.url, live };
  context.stdout.write(
    context.json
      ? jsonText(jsonFields([answer], context.json)[0])
      : `Stopped (pid ${status.pid}, ${status.url}).\n`,
  );
}

type Running = Pick<ServerStatus, 'pid' | 'url'>;

/** Asks a server to finish its requests and waits for its end; it may be ending already. false = it is not gone yet. */
export async function stopAndWait(context: Context, client: Client, withinMs: number): Promise<boolean> {
  const running = await drained(context, client);
  return running === null || gone(context, running, withinMs);
}

/** One that does not answer any more has ended, or left a note of itself and finishes its requests. null = it has ended. */
async function drained(context: Context, client: Client): Promise<Running | null> {
  try {
    const status = await client.status();
    await client.stop('drain');
    return status;
  } catch (problem) {
    if (!(problem instanceof UserError) || problem.code !== 'not_running') throw problem;
    return readServerFile(context.paths);
  }
}

async function gone(context: Context, running: Running, withinMs: number): Promise<boolean> {
  const until = performance.now() + withinMs;
  for (;;) {
    if (await isGone(context, running)) return true;
    if (performance.now() >= until) return false;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/**
 * A server that finishes its last requests has closed its port already; what it takes back at the very end is its note
 * in the home. One that was killed meanwhile leaves the note, but has no process. Of one elsewhere only the port is known.
 */
async function isGone(context: Context, { pid, url }: Running): Promise<boolean> {
  if ((await askHealth(context.url ?? url))?.pid === pid) return false;
  return context.url !== null || !existsSync(context.paths.serverFile) || !isAlive(pid);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Another user's process may not be asked, but is there.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function stillRunning(timeout: string): UserError {
  return new UserError({
    code: 'still_running',
    exit: EXIT.failed,
    message: `unorouter is still finishing its requests after ${timeout}`,
    why: 'it accepts no new ones and ends by itself when they are done',
    fix: ['{cmd} stop --force     drops them'],
  });
}
