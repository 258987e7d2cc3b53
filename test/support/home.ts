import { onTestFinished } from 'vitest';
import { type TestHome, temporaryHome } from './cli.ts';

/** A home that is gone when the test is over. */
export function home(config?: string): TestHome {
  const made = temporaryHome();
  onTestFinished(() => made.remove());
  if (config !== undefined) made.writeConfig(config);
  return made;
}

/** Columns of the widest line. */
export const widest = (text: string): number => Math.max(...text.split('\n').map((line) => [...line].length));
