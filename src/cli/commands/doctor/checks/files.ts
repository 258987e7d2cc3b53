import { accessSync, chmodSync, constants, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { loadConfig } from '../../../../config/index.ts';
import { UserError } from '../../../../errors.ts';
import { exact, plural } from '../../../render/index.ts';
import { type Facts, type Finding, ok } from '../finding.ts';

/** The configuration file: its mistakes, and what it warns of. */
export async function configuration({ context }: Facts): Promise<Finding[]> {
  const file = context.paths.configFile;
  const loaded = await loadConfig(file);
  if (!loaded.ok)
    return loaded.problems.map(({ line, column, message, hint }) => ({
      state: 'bad',
      text: `${basename(file)}:${line}:${column}: ${message}`,
      ...(hint === undefined ? {} : { why: hint }),
      fix: '{cmd} config edit',
    }));
  const { config, warnings, exists } = loaded;
  const text = exists
    ? `${basename(file)} valid, ${plural(config.routes.length, 'rule')}`
    : `no ${basename(file)}: everything is as built in`;
  return [
    ok(text),
    ...warnings.map((warning): Finding => ({ state: 'warn', text: warning, fix: '{cmd} config validate' })),
  ];
}

const OTHERS = 0o077;
const OWNER_ONLY = 0o700;

/** The directory of token and ledger: ours alone, and writable. */
export function stateDirectory({ context }: Facts): Finding[] {
  const dir = context.paths.stateDir;
  const mode = statSync(dir, { throwIfNoEntry: false })?.mode;
  if (mode === undefined) return [ok('nothing stored yet')];
  if (process.platform !== 'win32' && (mode & OTHERS) !== 0)
    return [
      {
        state: 'bad',
        text: `others can look into ${dir}`,
        why: 'the local token and the ledger lie there',
        fix: `chmod 700 ${dir}`,
        repair() {
          chmodSync(dir, OWNER_ONLY);
          return `only you can open ${dir} now`;
        },
      },
    ];
  return [isWritable(dir) ? ok(`${dir} private, writable`) : unwritable(dir)];
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function unwritable(path: string): Finding {
  return {
    state: 'bad',
    text: `${path} cannot be written`,
    why: 'requests go on, but nothing is recorded',
    fix: `look at it: ls -ld ${dirname(path)} ${path}`,
  };
}

/** The ledger: readable, writable, how large. */
export async function ledger({ context }: Facts): Promise<Finding[]> {
  const file = context.paths.ledgerFile;
  const { openLedgerReader } = await import('../../../../ledger/index.ts');
  try {
    const reader = await openLedgerReader(file);
    if (!reader) return [ok('no request is recorded yet')];
    const requests = reader.count({ limit: 1 });
    reader.close();
    if (!isWritable(file)) return [unwritable(file)];
    const size = (statSync(file).size / 1e6).toFixed(1);
    return [ok(`ledger ${size} MB, ${exact(requests)} ${requests === 1 ? 'request' : 'requests'}, writable`)];
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const [fix] = error.fix;
    return [
      {
        state: 'bad',
        text: error.message,
        ...(error.why === undefined ? {} : { why: error.why }),
        ...(fix === undefined ? {} : { fix }),
      },
    ];
  }
}
