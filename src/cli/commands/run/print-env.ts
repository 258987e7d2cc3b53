import type { Launch } from '../../../agents/index.ts';
import { addressToUse } from '../../address.ts';
import type { Context } from '../../context.ts';
import { hint } from '../../hint.ts';
import { jsonFields, jsonText } from '../../render/index.ts';
import { assignmentFor } from '../../shell.ts';

/** Prints what `run` would set, for a shell. What lies in the session's directory is left out: there is no session. */
export async function printEnvironment(
  context: Context,
  dir: string,
  launchAt: (url: string) => Promise<Launch>,
): Promise<void> {
  const { env, args } = await launchAt(await addressToUse(context));
  const lasting = Object.entries(env).filter(([, value]) => !value.includes(dir));
  if (context.json) {
    context.stdout.write(jsonText(jsonFields([Object.fromEntries(lasting)], context.json)[0]));
    return;
  }
  const assign = assignmentFor(undefined, context.env, '{cmd} env');
  for (const [name, value] of lasting) context.stdout.write(`${assign(name, value)}\n`);
  if (args.length > 0)
    hint(context, `Besides, run passes arguments to the command: ${args.map(quoted).join(' ')}`);
}

const quoted = (text: string): string =>
  /^[\w./:=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
