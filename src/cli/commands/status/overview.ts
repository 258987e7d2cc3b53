import type { Context } from '../../context.ts';

/** Placeholder until the command's own change lands. */
export async function showOverview(_context: Context): Promise<void> {}
