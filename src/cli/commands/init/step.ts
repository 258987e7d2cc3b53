import type { Context } from '../../context.ts';

/** A model server of this machine, as far as `init` cares. */
export interface LocalServer {
  provider: string;
  name: string;
  models: readonly string[];
}

/** What the steps know of each other. */
export interface Wizard {
  context: Context;
  /** Somebody answers. Else a step only looks, and with `-y` does what harms nobody. */
  asks: boolean;
  /** Where nobody answers: do it all the same. */
  acts: boolean;
  /** Found by the first step. */
  local: readonly LocalServer[];
}

/** What became of one step. */
export interface Outcome {
  /** Something was done, or was in order before. */
  done: boolean;
  /** A sentence: what there is, what was done, or why not. */
  text: string;
  /** What does it by hand, without the program's name; null = nothing is left to do. */
  command: string | null;
}

/** One question of the wizard. It may write only through the command that it stands for. */
export interface Step {
  id: 'keys' | 'default' | 'agent' | 'test';
  title: string;
  /** @throws UserError `cancelled` (exit 130) on Ctrl-C */
  run(wizard: Wizard): Promise<Outcome>;
}

/** The value of the choice that skips a step. */
export const SKIP = '';
