import { basename } from 'node:path';
import { usageError } from './usage-error.ts';

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

/**
 * How the user's shell sets a variable: the one that is asked for, else by $SHELL.
 * @param command for the fix of an unknown name: `{cmd} env`
 * @throws UserError (exit 2) for a shell that nobody knows
 */
export function assignmentFor(
  asked: string | undefined,
  env: NodeJS.ProcessEnv,
  command: string,
): (name: string, value: string) => string {
  const assign = SHELLS[shellOf(asked, env)];
  if (assign) return assign;
  throw usageError(`unknown shell "${asked}"`, `${command} --shell ${Object.keys(SHELLS).join('|')}`);
}

function shellOf(asked: string | undefined, env: NodeJS.ProcessEnv): string {
  if (asked !== undefined) return SPOKEN_AS[asked] ?? asked;
  const name = basename(env.SHELL ?? '');
  if (!name) return env.PSModulePath ? 'powershell' : env.ComSpec ? 'cmd' : 'sh';
  return SHELLS[name] ? name : 'sh';
}
