import { Command, Option } from 'commander';
import { withExamples } from '../command.ts';
import type { Context } from '../context.ts';
import { LEGEND } from '../render/log/columns.ts';
import type { ServeFlags } from './serve/setup.ts';

/** `serve`: the proxy in this terminal. Banner and notices go to stderr, the log to stdout. */
export function serveCommand(context: Context): Command {
  const command = new Command('serve')
    .option('--port <number>', 'where to listen; 0 = any free one (8667)')
    .option('--host <address>', 'another address than loopback needs --insecure-http (127.0.0.1)')
    .option('--any-port', 'on a taken port, take a free one instead of failing')
    .option('--model <name>', 'the default model ($UNOROUTER_MODEL)')
    .option('--demo', 'the built-in demo answers every model name; no provider is called')
    .option('--log <what>', 'requests, all (token counts, too), errors or none (requests)')
    .option('--bodies <which>', 'keep what is said on this disk: off, errors or on (off)')
    .option('--format <form>', 'auto, table, plain, logfmt or json ($UNOROUTER_FORMAT)')
    .option('--budget <amount>', 'what may be spent while it runs: 10/day, 50/week; beside stored budgets')
    .option('--no-auth', 'ask clients for no token')
    .option('--strict', 'refuse a request rather than drop what its provider cannot be told')
    .addOption(new Option('--attached').hideHelp())
    .option('--insecure-http', 'listen beyond this machine without TLS (containers, VPN)')
    .action(async (flags: ServeFlags) => {
      const { runServe } = await import('./serve/run.ts');
      await runServe(context, flags);
    });
  return withExamples(command, context, [
    ['serve', 'listen on 127.0.0.1:8667'],
    ['serve --demo', 'try everything without a key'],
    ['serve | tee requests.log', 'one logfmt line for each finished request'],
  ]).addHelpText(
    'after',
    `\nColumns of the log:\n${LEGEND.map((line) => `  ${line}`).join('\n')}\n\nCtrl-C lets live requests finish, a second one drops them.`,
  );
}
