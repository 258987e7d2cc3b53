import type { Provider, Surface } from '../../../catalog/index.ts';
import { EXIT, UserError } from '../../../errors.ts';
import { ADMIN_LABEL, adminVariable } from '../../../keys/index.ts';
import { type DayUse, type Report, SOURCES, type Source } from '../../../reconcile/index.ts';
import {
  createConnections,
  createTransport,
  getText,
  requestHeaders,
  type Transport,
  UpstreamFailure,
} from '../../../upstream/index.ts';
import type { Context } from '../../context.ts';
import type { Shelves } from '../../shelves.ts';

/** Midnights of UTC, ms since 1970, `until` exclusive. */
export interface Days {
  since: number;
  until: number;
}

/** Where and how one provider is asked. */
interface Asked {
  transport: Transport;
  provider: Provider;
  surface: Surface;
  key: string;
  mask(text: string): string;
}

const PATIENCE_MS = 30_000;
/** A cursor that never ends must. */
const MOST_PAGES = 100;

/** What a provider says that it billed. @throws UserError `no_reports` (exit 9), `no_admin_key` (exit 4), `upstream` (exit 7) */
export async function askProvider(
  context: Context,
  shelves: Shelves,
  provider: Provider,
  days: Days,
): Promise<DayUse[]> {
  const source = SOURCES.get(provider.id);
  const [surface] = provider.surfaces;
  if (!source || !surface) throw noReports(provider);
  const key = adminKey(context, shelves, provider, surface, source);
  const { network } = shelves.config;
  const connections = await createConnections({ env: context.env, proxy: network.proxy, ca: network.ca });
  const asked: Asked = {
    ...{ transport: createTransport(connections), provider, surface, key },
    mask: shelves.keys.mask,
  };
  try {
    const reports = await Promise.all(source.reports.map((report) => readReport(asked, report, days)));
    return reports.flat();
  } finally {
    await connections.destroy();
  }
}

/** Never an argument: others could read it. */
function adminKey(
  { env }: Context,
  { keys }: Shelves,
  provider: Provider,
  surface: Surface,
  { keyName, keyPage }: Source,
): string {
  const variable = adminVariable(provider.id);
  const given = env[variable]?.trim();
  if (given) return given;
  const stored = keys.get(provider, surface.url, ADMIN_LABEL);
  if (stored.ok) return stored.value;
  throw new UserError({
    code: 'no_admin_key',
    exit: EXIT.key,
    message: `no ${keyName} for ${provider.id}: its ordinary key may not read what is billed`,
    why: `looked in $${variable} and the keychain; it is made at ${keyPage}`,
    fix: [
      `{cmd} keys add ${provider.id} --label ${ADMIN_LABEL} --no-test`,
      `{cmd} reconcile ${provider.id} --csv FILE     with an export of its console`,
    ],
  });
}

async function readReport(asked: Asked, report: Report, days: Days): Promise<DayUse[]> {
  const uses: DayUse[] = [];
  let page: string | null = null;
  for (let pages = 0; pages < MOST_PAGES; pages++) {
    const read = report.read(await getJson(asked, report.path(days, page)));
    if (read === null) throw failed(asked, 'it answered with something that is no such report');
    uses.push(...read.uses);
    page = read.next;
    if (page === null) break;
  }
  return uses;
}

async function getJson(asked: Asked, path: string): Promise<unknown> {
  const { transport, provider, surface, key } = asked;
  const timeouts = { connectMs: PATIENCE_MS, headersMs: PATIENCE_MS, idleMs: PATIENCE_MS };
  const headers = requestHeaders({
    client: { accept: 'application/json' },
    ...{ provider, surface, key },
    contentType: null,
  });
  let answer: { status: number; body: string };
  try {
    const call = { url: surface.url + path, headers, timeouts };
    answer = await getText(transport, call, AbortSignal.timeout(2 * PATIENCE_MS));
  } catch (error) {
    throw failed(asked, error instanceof UpstreamFailure ? error.reason : String(error));
  }
  if (answer.status !== 200)
    throw failed(asked, `it answered ${answer.status}: ${answer.body.slice(0, MOST_WORDS)}`);
  try {
    return JSON.parse(answer.body);
  } catch {
    throw failed(asked, 'it answered with something that is no JSON');
  }
}

const MOST_WORDS = 200;

function failed({ provider, mask }: Asked, why: string): UserError {
  return new UserError({
    code: 'bill_unreadable',
    exit: EXIT.upstream,
    message: `${provider.id} does not tell what it billed`,
    why: mask(why),
    fix: [`{cmd} reconcile ${provider.id} --csv FILE     with an export of its console`],
  });
}

function noReports({ id }: Provider): UserError {
  return new UserError({
    code: 'no_reports',
    exit: EXIT.nothingFound,
    message: `${id} has no interface that tells what it bills`,
    why: `known are ${[...SOURCES.keys()].join(', ')}`,
    fix: [`{cmd} reconcile ${id} --csv FILE     with an export of its console`],
  });
}
