import {
  type Agent,
  agentOfCommand,
  findProgram,
  type Launch,
  usualVariables,
} from '../../../agents/index.ts';
import { labelToken, loadToken } from '../../../home/index.ts';
import type { RunBudget } from '../../../server/index.ts';
import { chooseModels, connectionOf, type ModelChoice, placeOf } from '../../agent-connection.ts';
import type { Context } from '../../context.ts';
import { readRunBudget, refuseWithoutMoney } from './budget.ts';
import { environmentFor, projectOf } from './environment.ts';
import { notInstalled, unsupported } from './missing.ts';
import { printEnvironment } from './print-env.ts';
import { type Held, holdServer } from './private-server.ts';
import { runToEnd } from './process.ts';
import { readSession } from './session.ts';
import { createSessionDir, type SessionDir } from './session-dir.ts';
import { sayClosing, sayOpening } from './words.ts';

/** Flags of `run` as they were written. */
export interface RunFlags {
  model?: string;
  project?: string;
  budget?: string;
  serve: boolean;
  printEnv?: true;
}

/** What is to be run, before it is known where the server is. */
interface Job {
  agent: Agent | undefined;
  /** What the user typed. */
  command: string;
  program: string;
  args: readonly string[];
  label: { agent: string; project: string | null };
  choice: ModelChoice;
  /** What the run may spend; null = no budget of its own. */
  budget: RunBudget | null;
}

/**
 * Starts an agent, or any other command, wired to the running server or to a private one, and ends with its exit code.
 * @throws UserError `agent_not_found` (exit 127), `agent_unsupported`, `no_model`, `unknown_model`, `not_running`,
 *   `budget_reached` (exit 8)
 */
export async function runAgent(context: Context, words: readonly string[], flags: RunFlags): Promise<void> {
  const job = await prepare(context, words, flags);
  const dir = createSessionDir(context);
  if (flags.printEnv) {
    await printEnvironment(context, dir.path, (url) => launchOf(context, job, url, dir.path));
    return;
  }
  const held = await holdServer(context, flags.serve, job.budget);
  try {
    context.exit(await runOn(context, job, held, dir));
  } finally {
    dir.remove();
    held.release();
  }
}

async function prepare(context: Context, words: readonly string[], flags: RunFlags): Promise<Job> {
  const [command = '', ...args] = words;
  const agent = agentOfCommand(command);
  if (agent?.refusal) throw unsupported(agent);
  const program = findProgram(command, placeOf(context));
  if (program === null) throw notInstalled(command, agent);
  const name = agent?.id ?? command.replace(/^.*[\\/]/, '');
  const label = { agent: name, project: flags.project ?? projectOf(context.cwd) };
  return {
    agent,
    command,
    program,
    args,
    label,
    choice: await chooseModels(context, agent, flags.model),
    budget: flags.budget === undefined ? null : { ...label, limitNanoUsd: readRunBudget(flags.budget) },
  };
}

/** How the command is started when the server is at this address. */
async function launchOf(context: Context, job: Job, url: string, dir: string): Promise<Launch> {
  const { token } = loadToken(context.paths, context.env);
  const connection = connectionOf(job.choice, url, labelToken(token, job.label.agent, job.label.project));
  const headless = !context.stdin.isTTY;
  if (job.agent?.launch)
    return job.agent.launch({ ...connection, place: placeOf(context), dir, args: job.args, headless });
  const env = usualVariables(connection);
  return { env, args: [], files: [], how: `${Object.keys(env).join(', ')} are set` };
}

async function runOn(context: Context, job: Job, held: Held, dir: SessionDir): Promise<number> {
  const { client, started } = held;
  const status = await client.status();
  refuseWithoutMoney(context, status.budgets, job.label);
  const launch = await launchOf(context, job, client.url, dir.path);
  dir.write(launch.files);
  const since = context.now();
  sayOpening(context, {
    status,
    started,
    budget: job.budget,
    command: job.label.agent,
    model: job.choice.model,
    seller: job.choice.seller,
    project: job.label.project,
    how: launch.how,
  });
  const code = await runToEnd(
    {
      program: job.program,
      args: [...launch.args, ...job.args],
      env: environmentFor(context.env, launch.env),
    },
    context,
  );
  if (context.stderr.tty && !context.quiet)
    sayClosing(context, await readSession(context, client, since, job.label), job);
  return code;
}
