import type { ServeOptions } from '../../../server/index.ts';
import { wantedAddress } from '../../address.ts';
import type { Context } from '../../context.ts';
import { LOG_CHOICES, type LogChoice } from '../../render/log/choice.ts';
import type { LineFormat } from '../../render/log/line-printer.ts';
import { usageError } from '../../usage-error.ts';

/** Flags of `serve` as they were written. */
export interface ServeFlags {
  port?: string;
  host?: string;
  anyPort?: true;
  model?: string;
  demo?: true;
  log?: string;
  format?: string;
  auth: boolean;
  insecureHttp?: true;
}

/** What `serve` was asked for. */
export interface ServeSetup {
  server: Omit<ServeOptions, 'notice'>;
  log: LogChoice;
  format: LineFormat | 'live';
}

const FORMATS = ['auto', 'table', 'plain', 'logfmt', 'json'] as const;
type Format = (typeof FORMATS)[number];

/** Flags, then environment, then defaults. @throws UserError (exit 2) with what there is to choose from */
export async function readSetup(context: Context, flags: ServeFlags): Promise<ServeSetup> {
  const { env, paths, prefix } = context;
  const log = choice(LOG_CHOICES, '--log', flags.log ?? 'requests');
  const format = flags.format
    ? choice(FORMATS, '--format', flags.format)
    : choice(FORMATS, '$UNOROUTER_FORMAT', env.UNOROUTER_FORMAT || 'auto');
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
      defaultModel: flags.model || env.UNOROUTER_MODEL || null,
    },
    log,
    format: formFor(context, format),
  };
}

/** A table moves on a terminal that can; everywhere else its rows are lines like all others. */
function formFor(context: Context, format: Format): ServeSetup['format'] {
  const { stdout, env, json } = context;
  if (json !== null) {
    if (json.length > 0)
      throw usageError('serve writes every field: --json takes none here', '{cmd} serve --json');
    return 'json';
  }
  const asked = format === 'auto' ? (stdout.tty ? 'table' : 'logfmt') : format;
  if (asked !== 'table') return asked;
  return stdout.tty && env.TERM !== 'dumb' ? 'live' : 'plain';
}

function choice<T extends string>(known: readonly T[], what: string, value: string): T {
  const found = known.find((one) => one === value);
  if (found === undefined)
    throw usageError(`${what} is one of ${known.join(', ')}, not "${value}"`, '{cmd} serve --help');
  return found;
}
