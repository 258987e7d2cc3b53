import type { Config } from '../../../config/index.ts';
import type { ServerFile } from '../../../home/index.ts';
import type { Context } from '../../context.ts';

/** `skip` = could not be looked at, and why; neither good nor bad. */
export type State = 'ok' | 'skip' | 'warn' | 'bad';

/** One thing that was looked at. */
export interface Finding {
  state: State;
  /** A sentence, without full stop. */
  text: string;
  why?: string;
  /** The command or step that mends it; `{cmd}` becomes the prefix. */
  fix?: string;
  /** Does what `fix` says. Says what it has done. */
  repair?(): string | Promise<string>;
}

/** What every check may know. */
export interface Facts {
  context: Context;
  /** null = it has a mistake. */
  config: Config | null;
  /** The running server of this home. */
  server: ServerFile | null;
  /** No provider may be asked. */
  offline: boolean;
  /** Only this agent's files; null = everybody's. */
  agent: string | null;
}

/** A row of the table of checks. It reports every problem as a finding, and throws for none. */
export interface Check {
  id: string;
  look(facts: Facts): Promise<Finding[]> | Finding[];
}

export const ok = (text: string): Finding => ({ state: 'ok', text });
