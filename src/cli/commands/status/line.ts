import type { ServerStatus } from '../../../server/index.ts';
import { findClient } from '../../client.ts';
import type { Context } from '../../context.ts';
import { jsonFields, jsonText, lookOf, plural, safeText } from '../../render/index.ts';
import { promptCache, spent } from '../../render/log/sums.ts';

/** A status bar is drawn all the time: whatever is wrong, it gets a line, soon. */
export async function printStatusline(context: Context): Promise<void> {
  const status = await readStatus(context);
  if (context.json) {
    const { default: model = null, today = null, live = [] } = status ?? {};
    const row = { running: status !== null, default: model, today, live: live.length };
    context.stdout.write(jsonText(jsonFields([row], context.json)[0]));
    return;
  }
  const { glyphs, width } = lookOf(context, context.stdout);
  const facts = status ? factsOf(status) : [`unorouter ${glyphs.circle} not running`];
  context.stdout.write(`${safeText(facts.join(` ${glyphs.sep} `), width, glyphs.ellipsis)}\n`);
}

async function readStatus(context: Context): Promise<ServerStatus | null> {
  try {
    return (await (await findClient(context))?.status()) ?? null;
  } catch {
    // It is told by `status`, which has the room for it.
    return null;
  }
}

function factsOf({ default: model, today, live, problems }: ServerStatus): string[] {
  return [
    model ?? 'unorouter',
    `${spent(today)} today`,
    promptCache(today),
    live.length > 0 ? `${live.length} live` : null,
    problems.length > 0 ? plural(problems.length, 'problem') : null,
  ].filter((fact) => fact !== null);
}
