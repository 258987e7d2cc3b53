import { Command } from 'commander';
import type { Client } from '../client.ts';
import { withExamples } from '../command.ts';
import type { Context } from '../context.ts';

/** `token`, `token rotate`: the secret that clients show this server. */
export function tokenCommand(context: Context): Command {
  const command = new Command('token').action(async () => {
    const { loadToken } = await import('../../home/index.ts');
    const { token, source } = loadToken(context.paths, context.env);
    if (context.json) {
      await printJson(context, { token, source });
      return;
    }
    context.stdout.write(`${token}\n`);
  });
  command
    .command('rotate')
    .description('replace it; clients that show the old one are refused')
    .action(() => rotate(context));
  return withExamples(command, context, [
    ['token', 'print it'],
    ['token rotate', 'replace it'],
  ]);
}

async function rotate(context: Context): Promise<void> {
  const { loadToken, rotateToken } = await import('../../home/index.ts');
  if (context.env.UNOROUTER_TOKEN) {
    const { EXIT, UserError } = await import('../../errors.ts');
    throw new UserError({
      code: 'token_from_environment',
      exit: EXIT.usage,
      message: 'the local token is set by $UNOROUTER_TOKEN',
      why: 'a new one in the file would not be used',
      fix: ['unset UNOROUTER_TOKEN', 'or set it to another value where it is set'],
    });
  }
  // Its client holds the old token, which is the one that the running server knows.
  const { findClient } = await import('../client.ts');
  const running = await findClient(context);
  const old = loadToken(context.paths, context.env).token;
  const token = rotateToken(context.paths);
  if (running) await tellServer(context, running);
  const { replaceToken } = await import('../../agents/index.ts');
  const agents = replaceToken(context.paths.stateDir, old, token);
  if (context.json) await printJson(context, { token, source: 'file', agents });
  else context.stdout.write(`${token}\n`);
  if (agents.length > 0 && !context.quiet)
    context.stderr.write(`Agents that were set up show the new one: ${agents.join(', ')}\n`);
}

async function tellServer(context: Context, running: Client): Promise<void> {
  // One of an older version, or one that hangs: it goes on with the old token, and so do its clients.
  const taken = await running.reloadToken().then(
    () => true,
    () => false,
  );
  if (context.quiet) return;
  context.stderr.write(
    taken
      ? 'The running unorouter took it over; clients that show the old one are refused from now on.\n'
      : `The running unorouter keeps the old one until it is started again: ${context.prefix} stop, then ${context.prefix} serve\n`,
  );
}

async function printJson(context: Context, answer: Record<string, unknown>): Promise<void> {
  const { jsonFields, jsonText } = await import('../render/index.ts');
  context.stdout.write(jsonText(jsonFields([answer], context.json ?? [])[0]));
}
