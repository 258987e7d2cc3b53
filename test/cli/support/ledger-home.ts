import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Exchange } from '../../../src/exchange.ts';
import { openLedger } from '../../../src/ledger/index.ts';
import { recordAll } from '../../ledger/support/ledger.ts';
import { type CliResult, runCli, type TestHome, temporaryHome } from '../../support/cli.ts';

/** A user's home with a ledger in it. */
export interface LedgerHome {
  home: TestHome;
  file: string;
  /** Runs the built program in it; with a name of a time zone, there. */
  cli(args: readonly string[], zone?: string): Promise<CliResult>;
}

/** Makes one, and records these exchanges as a server would; gone after the test. */
export async function ledgerHome(exchanges: Exchange[]): Promise<LedgerHome> {
  const home = temporaryHome();
  onTestFinished(home.remove);
  const file = join(home.dir, 'state', 'ledger.sqlite');
  if (exchanges.length > 0) await record(file, exchanges);
  return {
    home,
    file,
    cli: (args, zone) => runCli(home, args, zone === undefined ? {} : { env: { TZ: zone } }),
  };
}

/** Records finished exchanges as such, open ones as open. */
export async function record(file: string, exchanges: Exchange[]): Promise<void> {
  const problems: string[] = [];
  const ledger = openLedger({ file, onProblem: (text) => problems.push(text) });
  recordAll(
    ledger,
    exchanges.filter(({ outcome }) => outcome !== 'open'),
  );
  for (const x of exchanges) if (x.outcome === 'open') ledger.open(x);
  await ledger.close();
  if (problems.length > 0) throw new Error(problems.join('\n'));
}
