import { statSync } from 'node:fs';
import { readOwned } from '../../../home/index.ts';
import type { StatuslineFile } from '../../../server/index.ts';
import type { Context } from '../../context.ts';
import { jsonFields, jsonText, lookOf, plural, safeText } from '../../render/index.ts';
import { promptCache, spent } from '../../render/log/sums.ts';

type Facts = Pick<StatuslineFile, 'default' | 'today' | 'live' | 'problems'>;

/** A status bar is drawn all the time: whatever is wrong, it gets a line, soon. */
export async function printStatusline(context: Context): Promise<void> {
  const facts = (context.url === null ? kept(context) : null) ?? (await asked(context));
  if (context.json) {
    const { default: model = null, today = null, live = 0 } = facts ?? {};
    const row = { running: facts !== null, default: model, today, live };
    context.stdout.write(jsonText(jsonFields([row], context.json)[0]));
    return;
  }
  const { glyphs, width } = lookOf(context, context.stdout);
  const words = facts ? wordsFor(facts) : [`unorouter ${glyphs.circle} not running`];
  context.stdout.write(`${safeText(words.join(` ${glyphs.sep} `), width, glyphs.ellipsis)}\n`);
}

/** The server writes its file every minute; an older one is of a server that crashed, or that cannot write. */
const OLDEST_MS = 3 * 60_000;

/** What the running server keeps on disk; null = there is none, or it belongs to one that is dead. */
function kept({ paths, now }: Context): Facts | null {
  try {
    if (Math.abs(now() - statSync(paths.statuslineFile).mtimeMs) > OLDEST_MS) return null;
    const file = JSON.parse(readOwned(paths.statuslineFile) ?? 'null') as StatuslineFile | null;
    if (!file || typeof file.today?.costNanoUsd !== 'number') return null;
    process.kill(file.pid, 0);
    return file;
  } catch {
    // Whatever is wrong with it, the server can be asked.
    return null;
  }
}

async function asked(context: Context): Promise<Facts | null> {
  try {
    const { findClient } = await import('../../client.ts');
    const status = (await (await findClient(context))?.status()) ?? null;
    return status && { ...status, live: status.live.length, problems: status.problems.length };
  } catch {
    // It is told by `status`, which has the room for it.
    return null;
  }
}

function wordsFor({ default: model, today, live, problems }: Facts): string[] {
  return [
    model ?? 'unorouter',
    `${spent(today)} today`,
    promptCache(today),
    live > 0 ? `${live} live` : null,
    problems > 0 ? plural(problems, 'problem') : null,
  ].filter((fact) => fact !== null);
}
