import { Command } from 'commander';
import { usualVariables } from '../../agents/index.ts';
import { labelToken, loadToken } from '../../home/index.ts';
import { addressToUse } from '../address.ts';
import { withExamples } from '../command.ts';
import type { Context } from '../context.ts';
import { assignmentFor } from '../shell.ts';

/** `env`: what any client needs to be pointed here. */
export function envCommand(context: Context): Command {
  const command = new Command('env')
    .option('--shell <name>', 'sh, fish, powershell or cmd (default: by $SHELL)')
    .option('--label <agent.project>', 'names that requests with this token are booked under')
    .action((options: { shell?: string; label?: string }) => print(context, options));
  return withExamples(command, context, [
    ['env', 'print the exports'],
    ['env --label cline.web', 'book everything under agent cline, project web'],
  ]).addHelpText('after', `\nUse it:  eval "$(${context.prefix} env)"`);
}

async function print(context: Context, options: { shell?: string; label?: string }): Promise<void> {
  const assign = assignmentFor(options.shell, context.env, '{cmd} env');
  const url = await addressToUse(context);
  const token = labelled(loadToken(context.paths, context.env).token, options.label);
  const variables = usualVariables({ url, token });
  if (context.json) {
    const { jsonFields, jsonText } = await import('../render/index.ts');
    context.stdout.write(jsonText(jsonFields([variables], context.json)[0]));
    return;
  }
  for (const [name, value] of Object.entries(variables)) context.stdout.write(`${assign(name, value)}\n`);
}

/** The token with the names of a label; the first dot parts them. */
function labelled(token: string, label: string | undefined): string {
  if (!label) return token;
  const at = label.indexOf('.');
  return at < 0 ? labelToken(token, label, null) : labelToken(token, label.slice(0, at), label.slice(at + 1));
}
