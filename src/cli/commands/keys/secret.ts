import { readFileSync } from 'node:fs';
import { EXIT, UserError } from '../../../errors.ts';
import { cancelled } from '../../ask.ts';
import type { Context } from '../../context.ts';
import { usageError } from '../../usage-error.ts';

/** Where a key is to come from; none of them = ask. */
export interface SecretSource {
  stdin?: boolean;
  fromEnv?: string;
  fromFile?: string;
}

/** Whom to ask for. */
interface Asked {
  id: string;
  name: string;
}

/** The key, clean. Nothing that is told of a mistake contains any of it. @throws UserError */
export async function readSecret(context: Context, source: SecretSource, asked: Asked): Promise<string> {
  const given = [source.stdin, source.fromEnv, source.fromFile].filter((one) => one !== undefined);
  if (given.length > 1) throw usageError('--stdin, --from-env and --from-file: only one of them');
  const text = await textFrom(context, source, asked);
  const problem = problemOf(text);
  if (problem !== null) throw badKey(problem, asked.id);
  return text.trim();
}

async function textFrom(context: Context, source: SecretSource, asked: Asked): Promise<string> {
  if (source.stdin) return readAll(context.stdin);
  if (source.fromEnv !== undefined) return fromVariable(context.env, source.fromEnv, asked.id);
  if (source.fromFile !== undefined) return fromFile(source.fromFile);
  if (!context.interactive) throw noTty(asked.id);
  return ask(context, asked.name);
}

const LONGEST = 4_096;

/** What is wrong with a text as a key; null = nothing. */
function problemOf(text: string): string | null {
  const key = text.trim();
  if (key === '') return 'it is empty';
  if (/[\r\n]/.test(key)) return 'it has several lines; a key is one line';
  if (/\s/.test(key)) return 'there is blank space in it';
  if (!/^[\x21-\x7e]+$/.test(key)) return 'there are characters in it that are not printable ASCII';
  return key.length > LONGEST ? `it is longer than ${LONGEST} characters` : null;
}

function badKey(problem: string, provider: string): UserError {
  return new UserError({
    code: 'invalid_key',
    exit: EXIT.usage,
    message: `that is no API key: ${problem}`,
    why: 'nothing was stored',
    fix: [`{cmd} keys add ${provider}`],
  });
}

/** Error 7. */
function noTty(provider: string): UserError {
  return new UserError({
    code: 'no_tty',
    exit: EXIT.usage,
    message: 'cannot ask for the key here: input is not a terminal',
    fix: [`printf %s "$KEY" | {cmd} keys add ${provider} --stdin     or  --from-env KEY`],
  });
}

async function readAll(stream: NodeJS.ReadStream): Promise<string> {
  let text = '';
  for await (const chunk of stream) {
    text += String(chunk);
    // Far too long for a key: no reason to read on.
    if (text.length > 16 * LONGEST) break;
  }
  return text;
}

function fromVariable(env: NodeJS.ProcessEnv, name: string, provider: string): string {
  const value = env[name];
  if (value) return value;
  // Whoever writes --from-env "$KEY" gives the key itself.
  const shown = /^[A-Za-z_][A-Za-z0-9_]{0,60}$/.test(name) ? `$${name}` : 'that variable';
  throw usageError(
    `--from-env: ${shown} is not set`,
    `{cmd} keys add ${provider} --from-env NAME     the name of a variable, without $`,
  );
}

function fromFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
    throw usageError(`--from-file: cannot read ${path}${code}`);
  }
}

async function ask(context: Context, name: string): Promise<string> {
  const { password } = await import('@clack/prompts');
  const answer = await password({
    message: `${name} API key (input hidden)`,
    input: context.stdin,
    output: context.stderr.stream,
    ...(context.ascii ? { mask: '*' } : {}),
    validate: (text) => {
      const problem = problemOf(text ?? '');
      return problem === null ? undefined : `That is no API key: ${problem}.`;
    },
  });
  if (typeof answer === 'string') return answer;
  throw cancelled('nothing was stored');
}
