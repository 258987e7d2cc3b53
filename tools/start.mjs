// `npm start`: install what is missing, build, serve with the demo provider. Arguments after `--` go to `serve`.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ensureInstalled } from './ensure.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
ensureInstalled();
await import('./build.mjs');
const child = spawn(
  process.execPath,
  [`${root}bin/unorouter.js`, 'serve', '--demo', ...process.argv.slice(2)],
  { stdio: 'inherit' },
);
// Ctrl-C reaches both; the server decides when it is done.
for (const signal of ['SIGINT', 'SIGTERM'])
  process.on(signal, () => signal === 'SIGTERM' && child.kill(signal));
child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
