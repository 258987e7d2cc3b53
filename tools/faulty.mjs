// The faulty provider of a kit (faulty.mjs) as a process, and what the project's own tests expect of each fault.
import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { freePort } from './gateway.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The table, the clients and the judge that the project's own tests use. */
export async function faultTable() {
  const { outputFiles } = await build({
    entryPoints: [`${root}test/faults/support/outside.ts`],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    logLevel: 'error',
  });
  const code = Buffer.from(outputFiles[0].contents).toString('base64');
  return import(`data:text/javascript;base64,${code}`);
}

/** @param kit the directory that holds faulty.mjs; `more`: further arguments of it */
export async function startFaulty(kit, more) {
  const [port, blackhole] = [await freePort(), await freePort()];
  const child = spawn(
    process.execPath,
    [
      join(resolve(kit), 'faulty.mjs'),
      ...['--port', String(port), '--blackhole-port', String(blackhole), ...more],
    ],
    { stdio: 'ignore' },
  );
  const url = `http://127.0.0.1:${port}`;
  const control = async (path) => (await fetch(url + path)).json();
  for (let tries = 0; ; tries++) {
    try {
      return {
        url,
        blackhole,
        control,
        faults: Object.keys(await control('/__list')),
        stop: () => child.kill(),
      };
    } catch (error) {
      if (tries > 200) throw error;
      await new Promise((done) => setTimeout(done, 25));
    }
  }
}
