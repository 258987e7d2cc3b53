import { readdirSync } from 'node:fs';
import { release } from 'node:os';
import { basename, join } from 'node:path';
import { parse } from 'yaml';
import { UserError } from '../../../errors.ts';
import { readOwned } from '../../../home/index.ts';
import { openLedgerReader } from '../../../ledger/index.ts';
import { VERSION } from '../../../version.ts';
import type { Context } from '../../context.ts';
import { hint } from '../../hint.ts';
import { jsonFields, jsonText, safeText } from '../../render/index.ts';
import { usageError } from '../../usage-error.ts';
import { createRedactor, type Redactor, withoutSecrets } from './redact.ts';
import type { Told } from './run.ts';

/** A section of the report: its lines, before they are made safe. */
type Sections = Readonly<
  Record<'versions' | 'variables' | 'configuration' | 'checks' | 'errors' | 'crash', string[]>
>;

/**
 * Prints one text that may be posted: facts only, no prompt, no answer, no message of a provider (they quote requests),
 * no key, no token, no path of the user's own. @throws UserError usage for a crash file that is not ours
 */
export async function printBugReport(
  context: Context,
  findings: readonly Told[],
  crash: string | null,
): Promise<void> {
  const redact = await createRedactor(context);
  const sections: Sections = {
    versions: [
      `unorouter ${VERSION}, Node ${process.version}, ${process.platform} ${process.arch}, ${release()}`,
    ],
    variables: variables(context.env),
    configuration: configuration(context, redact),
    checks: findings.map(checkLine),
    errors: await lastErrors(context),
    crash: crashLines(context, crash),
  };
  if (context.json) {
    const row = Object.fromEntries(
      Object.entries(sections).map(([name, lines]) => [name, lines.map((line) => redact(line))]),
    );
    context.stdout.write(jsonText(jsonFields([row], context.json)[0]));
    return;
  }
  context.stdout.write(text(sections, redact));
  hint(
    context,
    'Keys, tokens and your home directory are taken out. Read it all the same before you post it.',
  );
}

function text(sections: Sections, redact: Redactor): string {
  return Object.entries(sections)
    .map(([name, lines]) => {
      const safe = lines.map((line) => `  ${safeText(redact(line))}\n`).join('');
      return `${name}\n${safe === '' ? '  none\n' : safe}`;
    })
    .join('\n');
}

const TELLING = /^(UNOROUTER_|NODE_|(HTTPS?|NO|ALL)_PROXY$|TERM$|CI$|NO_COLOR$)/i;

/** Names alone: values may be secrets. */
function variables(env: NodeJS.ProcessEnv): string[] {
  const names = Object.keys(env).filter((name) => TELLING.test(name) && env[name]);
  return names.length > 0 ? [`set: ${names.sort().join(', ')}`] : [];
}

/** The file's settings without its comments and without values that may be secrets. */
function configuration({ paths }: Context, redact: Redactor): string[] {
  const source = readOwned(paths.configFile);
  if (source === null) return [];
  try {
    return JSON.stringify(withoutSecrets(parse(source), redact), null, 2).split('\n');
  } catch {
    // What is wrong with it is among the checks.
    return ['it cannot be read as YAML'];
  }
}

function checkLine({ check, state, text: said, why }: Told): string {
  return `${state.padEnd(5)}${check}: ${said}${why === undefined ? '' : ` (${why})`}`;
}

const MOST_ERRORS = 10;

async function lastErrors({ paths }: Context): Promise<string[]> {
  try {
    const reader = await openLedgerReader(paths.ledgerFile);
    const rows = reader?.exchanges({ limit: MOST_ERRORS, status: 'err' }) ?? [];
    reader?.close();
    return rows.map((one) => {
      const tries = one.attempts.map(
        ({ provider, status, failure }) => `${provider} ${status ?? failure ?? ''}`,
      );
      const facts = [one.protocol, one.asked, one.status, one.outcome, one.errorCode, ...tries];
      const told = facts.filter((fact) => fact !== null && fact !== undefined).join(' · ');
      return `${new Date(one.time).toISOString()} ${told}`;
    });
  } catch (problem) {
    // A ledger that cannot be read is among the checks.
    if (problem instanceof UserError) return [];
    throw problem;
  }
}

/** The crash that is asked for, else the last one. */
function crashLines({ paths }: Context, asked: string | null): string[] {
  const names = crashes(paths.crashDir);
  const name = asked === null ? names.at(-1) : basename(asked);
  if (name === undefined) return [];
  if (!names.includes(name))
    throw usageError(
      `${asked} is no crash report of ours`,
      '{cmd} doctor --bug-report     takes the last one',
    );
  return (readOwned(join(paths.crashDir, name)) ?? '').trimEnd().split('\n');
}

function crashes(directory: string): string[] {
  try {
    return readdirSync(directory)
      .filter((name) => name.endsWith('.txt'))
      .sort();
  } catch {
    // None yet.
    return [];
  }
}
