import { readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { ensurePrivateDir, writePrivate } from '../../../../home/index.ts';
import { type Facts, type Finding, ok } from '../finding.ts';
import { listens } from './address.ts';
import { POINTER_FILES, type PointerFile } from './places.ts';

/** A line that sends requests to this machine. */
interface Pointer {
  file: string;
  /** From 1. */
  line: number;
  /** The whole line: other repairs may have moved it. */
  text: string;
  setting: string;
  host: string;
  port: number;
  /** The line is all that there is to it: an export of a shell. */
  removable: boolean;
}

/** `export ANTHROPIC_BASE_URL=http://localhost:3456`, `"baseURL": "http://127.0.0.1:4000/v1"`, `set -x OPENAI_API_BASE …`. */
const LINE =
  /([A-Za-z_]*(?:base[_-]?url|api[_-]?base|api[_-]?url|endpoint)[A-Za-z_]*)["']?\s*[:=\s]\s*["']?(https?:\/\/(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?)/i;
const EXPORT = /^\s*(export\s+|set\s+-\w*x\w*\s+)?[A-Z][A-Z0-9_]*[=\s]/;

/** Addresses of this machine that agents and shells are sent to, and where nobody listens any more. */
export async function pointers(facts: Facts): Promise<Finding[]> {
  const { context, agent } = facts;
  const files = POINTER_FILES.filter((one) => agent === null || one.agent === null || one.agent === agent);
  const found = files.flatMap((one) => pointersIn(one, facts));
  const dead: Finding[] = [];
  for (const pointer of [...fromEnvironment(context.env), ...found])
    if (!(await listens(pointer.host, pointer.port))) dead.push(findingOf(pointer, facts));
  if (dead.length > 0) return dead;
  const where = agent === null ? 'any agent or shell' : `${agent} or the shell`;
  return [ok(`no setting of ${where} points to a server that is gone`)];
}

function homeOf({ context: { env } }: Facts): string {
  return env.HOME || env.USERPROFILE || homedir();
}

function pointersIn({ agent, below, path }: PointerFile, facts: Facts): Pointer[] {
  const file = join(below === 'home' ? homeOf(facts) : facts.context.cwd, path);
  return (textOf(file) ?? '').split('\n').flatMap((text, index) => {
    if (/^\s*(#|\/\/)/.test(text)) return [];
    const [, setting = '', url] = LINE.exec(text) ?? [];
    if (url === undefined) return [];
    return [
      {
        file,
        line: index + 1,
        text,
        setting,
        ...addressOf(url),
        removable: agent === null && EXPORT.test(text),
      },
    ];
  });
}

function textOf(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // Most agents are not here.
    return null;
  }
}

function addressOf(url: string): { host: string; port: number } {
  const { hostname, port, protocol } = new URL(url);
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) || (protocol === 'https:' ? 443 : 80) };
}

const LOOPBACK = /^https?:\/\/(localhost|127\.\d+\.\d+\.\d+|\[::1\])([:/]|$)/;

function fromEnvironment(env: NodeJS.ProcessEnv): Pointer[] {
  return Object.entries(env).flatMap(([name, value]) =>
    /_(BASE_URL|API_BASE)$/.test(name) && value && LOOPBACK.test(value) && URL.canParse(value)
      ? [{ file: '', line: 0, text: '', setting: `$${name}`, ...addressOf(value), removable: false }]
      : [],
  );
}

function findingOf(pointer: Pointer, facts: Facts): Finding {
  const { file, line, setting, host, port, removable } = pointer;
  const place = file === '' ? 'this shell' : `${file}:${line}`;
  return {
    state: file === '' ? 'warn' : 'bad',
    text: `${setting} in ${place} points to ${host}:${port}, where nothing listens`,
    why: 'whoever starts with it gets no answer',
    fix:
      file === ''
        ? `unset ${setting.slice(1)}`
        : `start what listens there, or delete line ${line} of ${file}`,
    ...(removable ? { repair: () => removeLine(pointer, facts) } : {}),
  };
}

/** Takes the line out, and keeps the file as it was in the state directory. */
function removeLine({ file, line, text }: Pointer, { context }: Facts): string {
  const before = readFileSync(file, 'utf8');
  const lines = before.split('\n');
  const at = lines.indexOf(text);
  const { stateDir } = context.paths;
  const dir = join(stateDir, 'undo');
  for (const one of [stateDir, dir]) ensurePrivateDir(one);
  const backup = join(dir, `doctor-${context.now()}-${line}`);
  writePrivate(backup, before);
  // Not a new file: people link these from elsewhere.
  writeFileSync(file, lines.filter((_, index) => index !== at).join('\n'));
  return `line ${line} is gone from ${file}; as it was: ${backup}`;
}
