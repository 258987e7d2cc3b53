// The targets of one run, started and asked: where upstream, load generator and targets meet.
import { fileURLToPath } from 'node:url';
import { requestBody } from './bodies.mjs';
import { createConnection, requestBytes } from './client.mjs';
import { CORES, cpuUs, firstMessage, freePort, lastWords, start, stop } from './processes.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const node = (file) => [process.execPath, `${here}${file}`];
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const DEFAULT_MODEL = 'mock-200x0';

/** The fake upstream and the load generator; `load(job)` gives the figures of one job. */
export async function openField() {
  const upstream = start(node('upstream.mjs'), { core: CORES.load, ipc: true, name: 'upstream' });
  const { port: upstreamPort } = await firstMessage(upstream);
  const generator = start(node('load.mjs'), { core: CORES.load, ipc: true, name: 'load' });
  await firstMessage(generator);
  const load = (job) =>
    new Promise((resolve, reject) => {
      generator.once('message', ({ ok, error }) => (error ? reject(new Error(error)) : resolve(ok)));
      generator.send(job);
    });
  return {
    upstreamPort,
    upstreamPid: upstream.pid,
    load,
    close: () => Promise.all([stop(upstream), stop(generator)]),
  };
}

const apiOf = (target, wire, upstreamPort) => {
  const api = target[wire];
  return typeof api === 'function' ? api({ upstreamPort }) : api;
};

/** Whether a target answers on a wire; `wire` is `chat` or `messages`. */
export const speaks = (target, wire) => target[wire] !== undefined;

/** A job of the load generator for this running target. */
function jobFor({ target, port, upstreamPort }, job) {
  const api = apiOf(target, job.wire, upstreamPort);
  const model = api.model(job.model ?? DEFAULT_MODEL);
  return { ...job, port, wire: api.wire ?? job.wire, api: { path: api.path, headers: api.headers, model } };
}

/** Asks until the first answer; the time since `started` in ms. */
async function firstAnswer(running, started, ms) {
  const wire = speaks(running.target, 'chat') ? 'chat' : 'messages';
  const { api, port } = jobFor(running, { wire });
  const body = requestBody({ wire, model: api.model, stream: false, bytes: 1000 });
  const bytes = requestBytes({ port, ...api }, body);
  let last = 'no connection';
  while (performance.now() - started < ms) {
    const connection = createConnection(port);
    const patience = setTimeout(() => connection.close(), 5000);
    const answer = await connection.ask(bytes).catch(() => undefined);
    clearTimeout(patience);
    connection.close();
    if (answer?.status === 200) return performance.now() - started;
    if (answer) last = `status ${answer.status}`;
    if (running.child?.exitCode !== null) break;
    await sleep(answer ? 20 : 2);
  }
  throw new Error(`${running.target.name} gives no answer (${last}; ${lastWords(running.target.name)})`);
}

/**
 * Starts a target and waits for its first answer. `pinned: false` leaves it all cores, as a cold start has them.
 * Gives `ask(job)`, whose figures have the CPU time per request, `pid`, `coldMs` and `stop()`.
 */
export async function open(field, target, { installed, pinned = true } = {}) {
  const { upstreamPort, upstreamPid } = field;
  const ask = (running, pid) => async (job) => {
    const before = cpuUs(pid);
    const figures = await field.load(jobFor(running, job));
    const after = cpuUs(pid);
    const requests = figures.ok + figures.errors + (job.warm ?? 0);
    return { ...figures, cpu: after === undefined ? undefined : (after - before) / requests };
  };
  if (!target.launch) {
    const running = { target, port: upstreamPort, upstreamPort };
    return {
      target,
      port: upstreamPort,
      pid: upstreamPid,
      ask: ask(running, upstreamPid),
      stop: async () => {},
    };
  }
  const port = await freePort();
  const { command, env } = target.launch({ port, upstreamPort, installed });
  const started = performance.now();
  const child = start(command, { core: pinned ? CORES.target : undefined, env, name: target.name });
  const running = { target, port, upstreamPort, child };
  try {
    const coldMs = await firstAnswer(running, started, target.slow ? 60_000 : 15_000);
    return { target, port, pid: child.pid, coldMs, ask: ask(running, child.pid), stop: () => stop(child) };
  } catch (error) {
    await stop(child);
    throw error;
  }
}
