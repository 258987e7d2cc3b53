import type { ServeOptions } from '../../../server/index.ts';
import { wantedAddress } from '../../address.ts';
import type { Context } from '../../context.ts';
import { type LogForm, logForm, oneOf } from '../../log-view.ts';
import { LOG_CHOICES, type LogChoice } from '../../render/log/choice.ts';
import { usageError } from '../../usage-error.ts';
import { readAmount } from '../budget/scope.ts';

/** Flags of `serve` as they were written. */
export interface ServeFlags {
  port?: string;
  host?: string;
  anyPort?: true;
  model?: string;
  demo?: true;
  log?: string;
  bodies?: string;
  format?: string;
  auth: boolean;
  insecureHttp?: true;
  strict?: true;
  budget?: string;
  /** What `run` starts its private server with. */
  attached?: true;
}

/** What `serve` was asked for. */
export interface ServeSetup {
  server: Omit<ServeOptions, 'notice'>;
  log: LogChoice;
  form: LogForm;
}

const BODIES = ['off', 'errors', 'on'] as const;

const HELP = '{cmd} serve --help';

/** Flags, then environment, then defaults. @throws UserError (exit 2) with what there is to choose from */
export async function readSetup(context: Context, flags: ServeFlags): Promise<ServeSetup> {
  const { env, paths, prefix } = context;
  const log = oneOf(LOG_CHOICES, '--log', flags.log ?? 'requests', HELP);
  if (context.json !== null && context.json.length > 0)
    throw usageError('serve writes every field: --json takes none here', '{cmd} serve --json');
  const form = logForm(context, flags.format, HELP);
  return {
    server: {
      paths,
      env,
      prefix,
      ...(await wantedAddress(context, flags)),
      anyPort: flags.anyPort === true,
      demo: flags.demo === true,
      auth: flags.auth,
      insecureHttp: flags.insecureHttp === true,
      strict: flags.strict === true,
      budget: flags.budget === undefined ? null : readAmount(flags.budget),
      bodies: flags.bodies === undefined ? null : oneOf(BODIES, '--bodies', flags.bodies, HELP),
      isPrivate: flags.attached === true,
      defaultModel: flags.model || env.UNOROUTER_MODEL || null,
    },
    log,
    // Nobody wants to see a footer and no rows.
    form: form === 'live' && log === 'none' ? 'plain' : form,
  };
}
