import type { Provider, Surface } from '../../../catalog/index.ts';
import { EXIT, UserError } from '../../../errors.ts';
import { ADMIN_LABEL, adminVariable } from '../../../keys/index.ts';
import {
  type AnswerReport,
  type AnswerUse,
  type DayUse,
  type Report,
  SOURCES,
  type Source,
} from '../../../reconcile/index.ts';
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

/** Who is asked, and with which key. */
interface Whom {
  provider: Provider;
  surface: Surface;
  key: string;
}

/** Where and how one provider is asked. */
interface Asked extends Whom {
  transport: Transport;
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
  return asking(context, shelves, { provider, surface, key }, async (asked) => {
    const reports = await Promise.all(source.reports.map((report) => readReport(asked, report, days)));
    return reports.flat();
  });
}

/**
 * What a provider says of answers, in their order; null = it knows none of that name.
 * @throws UserError `bill_unreadable` (exit 7)
 */
export function answersOf(
  context: Context,
  shelves: Shelves,
  whom: Whom,
  report: AnswerReport,
  ids: readonly string[],
): Promise<(AnswerUse | null)[]> {
  return asking(context, shelves, whom, async (asked) => {
    const said = new Map<number, AnswerUse | null>();
    const queue = ids.entries();
    const worker = async (): Promise<void> => {
      for (const [index, id] of queue) said.set(index, await readAnswer(asked, report, id));
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    return ids.map((_, index) => said.get(index) ?? null);
  });
}

/** Providers limit how often they may be asked. */
const AT_ONCE = 4;
const NOT_FOUND = 404;

async function readAnswer(asked: Asked, report: AnswerReport, id: string): Promise<AnswerUse | null> {
  const { status, body } = await getAnswer(asked, report.path(id));
  if (status === NOT_FOUND) return null;
  const read = report.read(parse(asked, status, body));
  if (read === null) throw failed(asked, 'it answered with something that is no such report');
  return read;
}

/** Runs with a connection of its own. */
async function asking<T>(
  context: Context,
  { config: { network }, keys }: Shelves,
  whom: Whom,
  work: (asked: Asked) => Promise<T>,
): Promise<T> {
  const connections = await createConnections({ env: context.env, proxy: network.proxy, ca: network.ca });
  try {
    return await work({ ...whom, transport: createTransport(connections), mask: keys.mask });
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
  const { status, body } = await getAnswer(asked, path);
  return parse(asked, status, body);
}

async function getAnswer(asked: Asked, path: string): Promise<{ status: number; body: string }> {
  const { transport, provider, surface, key } = asked;
  const timeouts = { connectMs: PATIENCE_MS, headersMs: PATIENCE_MS, idleMs: PATIENCE_MS };
  const headers = requestHeaders({
    client: { accept: 'application/json' },
    ...{ provider, surface, key },
    contentType: null,
  });
  try {
    const call = { url: surface.url + path, headers, timeouts };
    return await getText(transport, call, AbortSignal.timeout(2 * PATIENCE_MS));
  } catch (error) {
    throw failed(asked, error instanceof UpstreamFailure ? error.reason : String(error));
  }
}

function parse(asked: Asked, status: number, body: string): unknown {
  if (status !== 200) throw failed(asked, `it answered ${status}: ${body.slice(0, MOST_WORDS)}`);
  try {
    return JSON.parse(body);
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
