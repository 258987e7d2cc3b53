import { EXIT, UserError } from '../errors.ts';
import { VERSION } from '../version.ts';
import { type Context, createContext } from './context.ts';
import { takeGlobals } from './globals.ts';

/** Runs the command line of this process and sets its exit code. Never rejects. */
export async function main(): Promise<void> {
  const argv = process.argv.slice(2);
  if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) {
    process.stdout.write(`${VERSION}\n`);
    return;
  }
  const { globals, rest, error } = takeGlobals(argv);
  const context = createContext(process, globals);
  try {
    if (rest.length === 1 && rest[0] === 'statusline' && !error) {
      // Drawn again and again: it does not wait until all commands are known.
      surviveClosedPipes(false);
      await (await import('./commands/status/line.ts')).printStatusline(context);
      return;
    }
    const { isResident, runProgram } = await import('./program.ts');
    surviveClosedPipes(isResident(rest));
    if (error) throw error;
    await runProgram(rest, context);
  } catch (problem) {
    await tell(problem, rest, context);
  }
}

/**
 * `logs | head` ends without a word when head has enough; what a full disk did not take is a failure. A server goes on,
 * unheard.
 */
function surviveClosedPipes(resident: boolean): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', ({ code }: NodeJS.ErrnoException) => {
      if (resident) return;
      if (code === 'EPIPE') process.exit();
      if (stream === process.stdout)
        process.stderr.write(`error: the output could not be written (${code})\n`);
      process.exit(EXIT.failed);
    });
  }
}

async function tell(problem: unknown, rest: readonly string[], context: Context): Promise<void> {
  const { errorJson, errorText } = await import('./render/error.ts');
  const { lookOf } = await import('./render/look.ts');
  const error =
    problem instanceof UserError
      ? problem
      : (await import('./crash.ts')).recordCrash(problem, rest[0], context);
  context.exit(error.exit);
  context.stderr.write(
    context.json
      ? errorJson(error, context.prefix)
      : errorText(error, context.prefix, lookOf(context, context.stderr)),
  );
}
