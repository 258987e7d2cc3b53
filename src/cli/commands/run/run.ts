import {
  type Agent,
  agentOfCommand,
  findProgram,
  type Launch,
  usualVariables,
} from '../../../agents/index.ts';
import { labelToken, loadToken } from '../../../home/index.ts';
import { chooseModels, connectionOf, type ModelChoice, placeOf } from '../../agent-connection.ts';
import type { Context } from '../../context.ts';
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
}

/**
 * Starts an agent, or any other command, wired to the running server or to a private one, and ends with its exit code.
 * @throws UserError `agent_not_found` (exit 127), `agent_unsupported`, `no_model`, `unknown_model`, `not_running`
 */
export async function runAgent(context: Context, words: readonly string[], flags: RunFlags): Promise<void> {
  const job = await prepare(context, words, flags);
  const dir = createSessionDir(context);
  if (flags.printEnv) {
    await printEnvironment(context, dir.path, (url) => launchOf(context, job, url, dir.path));
    return;
  }
  const held = await holdServer(context, flags.serve);
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
  return {
    agent,
    command,
    program,
    args,
    label: { agent: name, project: flags.project ?? projectOf(context.cwd) },
    choice: await chooseModels(context, agent, flags.model),
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
  const launch = await launchOf(context, job, client.url, dir.path);
  dir.write(launch.files);
  const since = context.now();
  sayOpening(context, {
    status: await client.status(),
    started,
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
    sayClosing(context, await readSession(context, client, since, job.label), job.label.agent);
  return code;
}
