import { basename } from 'node:path';
import { Command } from 'commander';
import { withExamples } from '../command.ts';
import type { Context } from '../context.ts';
import { usageError } from '../usage-error.ts';

/** How each shell sets a variable. The value is quoted so that nothing in it is run. */
const SHELLS: Readonly<Record<string, (name: string, value: string) => string>> = {
  sh: (name, value) => `export ${name}='${value.replaceAll("'", `'\\''`)}'`,
  fish: (name, value) => `set -gx ${name} '${value.replace(/[\\']/g, '\\$&')}';`,
  powershell: (name, value) => `$env:${name} = '${value.replaceAll("'", "''")}'`,
  cmd: (name, value) => `set "${name}=${value.replaceAll('%', '%%')}"`,
};

/** Names of shells whose language is one of the table's. */
const SPOKEN_AS: Readonly<Record<string, string>> = {
  bash: 'sh',
  zsh: 'sh',
  dash: 'sh',
  ksh: 'sh',
  pwsh: 'powershell',
};

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
  const assign = SHELLS[shellOf(options.shell, context.env)];
  if (!assign)
    throw usageError(
      `unknown shell "${options.shell}"`,
      `{cmd} env --shell ${Object.keys(SHELLS).join('|')}`,
    );
  const { loadToken } = await import('../../home/index.ts');
  const url = await addressOf(context);
  const token = loadToken(context.paths, context.env).token + labelOf(options.label);
  const variables = variablesFor(url, token);
  if (context.json) {
    const { jsonFields, jsonText } = await import('../render/index.ts');
    context.stdout.write(jsonText(jsonFields([variables], context.json)[0]));
    return;
  }
  for (const [name, value] of Object.entries(variables)) context.stdout.write(`${assign(name, value)}\n`);
}

/** The running server's, else where the next one will be. */
async function addressOf(context: Context): Promise<string> {
  const { findClient } = await import('../client.ts');
  const running = await findClient(context);
  if (running) return running.url;
  const { wantedAddress } = await import('../address.ts');
  return `http://127.0.0.1:${(await wantedAddress(context)).port}`;
}

function variablesFor(url: string, token: string): Record<string, string> {
  return {
    OPENAI_BASE_URL: `${url}/v1`,
    OPENAI_API_BASE: `${url}/v1`,
    OPENAI_API_KEY: token,
    ANTHROPIC_BASE_URL: url,
    ANTHROPIC_AUTH_TOKEN: token,
    GOOGLE_GEMINI_BASE_URL: url,
    GEMINI_API_KEY: token,
  };
}

function shellOf(asked: string | undefined, env: NodeJS.ProcessEnv): string {
  if (asked !== undefined) return SPOKEN_AS[asked] ?? asked;
  const name = basename(env.SHELL ?? '');
  if (!name) return env.PSModulePath ? 'powershell' : env.ComSpec ? 'cmd' : 'sh';
  return SHELLS[name] ? name : 'sh';
}

/** `.agent.project`, each percent-encoded; the first dot parts them. */
function labelOf(label: string | undefined): string {
  if (!label) return '';
  const at = label.indexOf('.');
  const parts = at < 0 ? [label] : [label.slice(0, at), label.slice(at + 1)];
  // encodeURIComponent leaves dots alone, and a dot parts the names.
  return parts.map((part) => `.${encodeURIComponent(part).replaceAll('.', '%2E')}`).join('');
}
