import type { RunningServer, ServeOptions } from './types.ts';

/** Placeholder until the wiring lands. */
export async function startServer(_options: ServeOptions): Promise<RunningServer> {
  throw new Error('not wired yet');
}
