import { execFileSync } from 'node:child_process';

/** Tests run the built program (workers and the command line), so build it once before them. */
export default function setup(): void {
  execFileSync(process.execPath, ['tools/build.mjs'], { stdio: 'inherit' });
}
