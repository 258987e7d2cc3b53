import { existsSync } from 'node:fs';
import type { UndoStep } from '../../../agents/index.ts';
import { keyName } from '../../../keys/index.ts';
import type { Context } from '../../context.ts';
import { hint } from '../../hint.ts';
import { jsonFields, jsonText, lookOf, pad, safeText, wrap } from '../../render/index.ts';
import { say } from '../keys/say.ts';
import { homeShort } from '../use/show.ts';
import type { Plan } from './plan.ts';

/** What was done of a plan. */
export interface Done {
  agents: string[];
  service: boolean;
  server: boolean;
  keys: string[];
  data: string[];
}

const LABEL = 10;

/** What there is of ours, and what becomes of it. */
export function tellPlan(context: Context, plan: Plan): void {
  const short = (path: string): string => homeShort(path, context.env);
  const { style, width } = lookOf(context, context.stdout);
  const row = (label: string, text: string): string =>
    wrap(safeText(text), width - LABEL)
      .map((line, i) => `${i === 0 ? style.dim(pad(label, LABEL)) : ' '.repeat(LABEL)}${line}\n`)
      .join('');
  const { agents, service, server, keys, data } = plan;
  const lines = [
    ...agents.flatMap(({ agent, steps, problem }) =>
      problem
        ? [row(agent, `stays: ${problem.message}`)]
        : steps.map((step) => row(agent, `${short(step.file)}   ${fate(step)}`)),
    ),
    ...(service ? [row('service', `${short(service.file)}   stopped and removed`)] : []),
    ...(server ? [row('server', `${server.url}   stopped`)] : []),
    ...(keys && keys.stored.length > 0
      ? [row('keys', `${keys.stored.map(keyName).join(', ')}   only if you say so`)]
      : []),
    ...data.map((path, i) => row(i === 0 ? 'data' : '', `${short(path)}   only if you say so`)),
  ];
  context.stdout.write(lines.length > 0 ? lines.join('') : 'Nothing of unorouter is on this machine.\n');
}

function fate({ before, after, edited }: UndoStep): string {
  if (before === after) return 'as it was before';
  if (after === null) return 'removed';
  return edited ? 'without our lines' : 'restored to the byte';
}

/** What is left, and how the package goes. */
export function tellDone(context: Context, plan: Plan, done: Done): void {
  if (done.agents.length > 0)
    say(context, context.stdout, 'dot', `As they were before: ${done.agents.join(', ')}.`);
  if (done.service) say(context, context.stdout, 'dot', 'The service is gone.');
  if (plan.server)
    say(
      context,
      context.stdout,
      done.server ? 'dot' : 'warn',
      done.server ? 'The server has stopped.' : 'The server is still finishing requests.',
    );
  if (done.keys.length > 0) say(context, context.stdout, 'dot', `Keys deleted: ${done.keys.join(', ')}.`);
  if (done.data.length > 0) say(context, context.stdout, 'dot', 'Configuration and data deleted.');
  const left = remaining(plan, done);
  const short = left.map((path) => homeShort(path, context.env)).join(', ');
  hint(context, left.length > 0 ? `What remains: ${short}` : 'Nothing of it remains but the program itself.');
  hint(context, `The program: ${removal(context.prefix)}`);
}

function remaining({ keys, data }: Plan, done: Done): string[] {
  const stored = (keys?.stored ?? []).map(keyName).filter((name) => !done.keys.includes(name));
  return [
    ...data.filter((path) => existsSync(path)),
    ...(stored.length > 0 ? [`the keys for ${stored.join(', ')}`] : []),
  ];
}

function removal(prefix: string): string {
  if (prefix.startsWith('npx')) return 'npx keeps a copy in its cache alone; nothing is installed';
  return prefix.startsWith('node ') ? 'delete this directory' : 'npm uninstall --global unorouter';
}

/** The plan and what was done of it, for programs. */
export function printJson(context: Context, plan: Plan, done: Done): void {
  const { agents, service, server, keys, data } = plan;
  const row = {
    agents: agents.map(({ agent, steps, problem }) => ({
      agent,
      undone: done.agents.includes(agent),
      problem: problem?.message ?? null,
      files: steps.map((step) => ({ file: step.file, removed: step.after === null, edited: step.edited })),
    })),
    service: service && { file: service.file, removed: done.service },
    server: server && { url: server.url, stopped: done.server },
    keys: (keys?.stored ?? []).map((key) => ({ ...key, deleted: done.keys.includes(keyName(key)) })),
    data: data.map((path) => ({ path, deleted: done.data.includes(path) })),
    program: removal(context.prefix),
  };
  context.stdout.write(jsonText(jsonFields([row], context.json ?? [])[0]));
}
