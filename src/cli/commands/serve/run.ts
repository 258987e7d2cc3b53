import type { FeedEvent } from '../../../feed/index.ts';
import { type RunningServer, startServer } from '../../../server/index.ts';
import type { Context } from '../../context.ts';
import { recordCrash } from '../../crash.ts';
import { createLogView } from '../../log-view.ts';
import { lookOf, plural, wrap } from '../../render/index.ts';
import { shownBy } from '../../render/log/choice.ts';
import type { LogView } from '../../render/log/view.ts';
import { type BannerFacts, bannerText, warningLines } from './banner.ts';
import { createEnding, DROPPED, ENDING_SIGNALS, type EndingSignal } from './ending.ts';
import { createNotices, type Notices } from './notices.ts';
import { readSetup, type ServeFlags, type ServeSetup } from './setup.ts';
import { summaryLine } from './summary.ts';

/** Runs a server until it is told to end. @throws UserError what startServer throws, and bad flags (exit 2) */
export async function runServe(context: Context, flags: ServeFlags): Promise<void> {
  const setup = await readSetup(context, flags);
  const notices = createNotices(context);
  const signals = listenForSignals();
  const server = await start(setup, notices);
  const { startedAt } = server.status();
  let demo = 0;
  const view = createLogView(context, {
    form: setup.form,
    fields: [],
    provider: (id) => server.catalog.provider(id),
    show: shownBy(setup.log),
    footer: () => {
      const { today, budgets, problems } = server.status();
      return { today, budgets, problems, demo };
    },
    warn: (text) => notices.notice('warn', text),
  });
  greet(context, server, setup);
  const hear = (event: FeedEvent): void => {
    if (event.type === 'finish' && event.exchange.demo) demo++;
    view.event(event);
  };
  // It has been listening for a moment already.
  for (const exchange of server.feed.recent()) hear({ type: 'finish', exchange });
  for (const exchange of server.feed.live()) hear({ type: 'open', exchange });
  server.feed.subscribe(hear);
  notices.open(server.status().problems, view.above);
  const stopLooking = tellLocal(server, notices);
  const code = await ended(context, server, view, signals, notices);
  stopLooking();
  const { session, budgets } = server.status();
  const summary = summaryLine(session, demo, context.now() - startedAt, budgets);
  context.stderr.write(`${wrap(summary, context.stderr.width()).join('\n')}\n`);
  await tellConfigured(context);
  context.exit(code);
  endSoon(code);
}

async function start(setup: ServeSetup, notices: Notices): Promise<RunningServer> {
  try {
    return await startServer({ ...setup.server, notice: notices.notice });
  } catch (error) {
    notices.giveUp();
    throw error;
  }
}

function greet(context: Context, server: RunningServer, { server: { host } }: ServeSetup): void {
  const status = server.status();
  const facts: BannerFacts = {
    status,
    token: server.token,
    openHost: LOOPBACK.has(host) ? null : host,
    prefix: context.prefix,
    knownProviders: server.catalog.providers().filter(({ kind }) => kind === 'maker' || kind === 'reseller')
      .length,
    lookedIn: context.env.UNOROUTER_NO_KEYCHAIN ? 'environment, keys.yaml' : 'keychain, environment',
    startMs: performance.now(),
    hints: context.stderr.tty,
  };
  const look = lookOf(context, context.stderr);
  const lines = warningLines(facts, look);
  context.stderr.write(context.quiet ? lines.map((line) => `${line}\n`).join('') : bannerText(facts, look));
}

const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '::1']);

/** Model servers of this machine answer a moment after the start, and nothing waits for them. */
const LOCAL_AFTER_MS = [750, 2_500];

/** Names local servers that were not there yet for the banner. Returns how to stop looking. */
function tellLocal(server: RunningServer, notices: Notices): () => void {
  const told = new Set(server.status().local.map(({ provider }) => provider));
  const look = (): void => {
    for (const { provider, url, models } of server.status().local) {
      if (!told.has(provider))
        notices.notice('info', `${provider} found: ${plural(models, 'model')} at ${url}`);
      told.add(provider);
    }
  };
  const timers = LOCAL_AFTER_MS.map((ms) => setTimeout(look, ms).unref());
  return () => timers.forEach(clearTimeout);
}

/** Signals from now on; they wait for whoever follows them. */
interface Signals {
  follow(listener: (name: EndingSignal) => void): void;
}

/** A signal may come before the server is there to be stopped, a second one ends the process. */
function listenForSignals(): Signals {
  let early: EndingSignal | undefined;
  let tell = (name: EndingSignal): void => {
    if (early) process.exit(DROPPED[name]);
    early = name;
  };
  for (const name of ENDING_SIGNALS) process.on(name, () => tell(name));
  return {
    follow(listener) {
      tell = listener;
      if (early) listener(early);
    },
  };
}

/** Follows terminal and signals until the server is closed; gives the exit code. */
async function ended(
  context: Context,
  server: RunningServer,
  view: LogView,
  signals: Signals,
  notices: Notices,
): Promise<number> {
  const { stdout, stderr } = context;
  const ending = createEnding({
    server,
    now: context.now,
    onWaiting: (live) => view.above(() => stderr.write(`${finishing(live, context)}\n`)),
    giveUp: (code) => process.exit(code),
  });
  signals.follow(ending.signal);
  process.on('uncaughtException', (problem) => {
    notices.notice('warn', crashText(problem, context));
    ending.crashed();
  });
  process.on('SIGCONT', view.resumed);
  stdout.stream.on('resize', view.resized);
  try {
    return await ending.ended;
  } finally {
    process.off('SIGCONT', view.resumed);
    stdout.stream.off('resize', view.resized);
    view.end();
  }
}

/** Writes it down, and says where. */
function crashText(problem: unknown, context: Context): string {
  const { message, why = '', fix } = recordCrash(problem, 'serve', context);
  return `${message}: ${why}. Running requests may finish, then this server ends. ${fix.join()}`.trim();
}

function finishing(live: number, context: Context): string {
  const { ellipsis } = lookOf(context, context.stderr).glyphs;
  return `Finishing ${plural(live, 'live request')} (Ctrl-C again to drop ${live === 1 ? 'it' : 'them'})${ellipsis}`;
}

/** The next start of an agent that is still pointed here would fail. */
async function tellConfigured(context: Context): Promise<void> {
  const { AGENTS, readJournal } = await import('../../../agents/index.ts');
  const ids = new Set(readJournal(context.paths.stateDir).map(({ agent }) => agent));
  const names = AGENTS.filter(({ id }) => ids.has(id)).map(({ name }) => name);
  if (names.length === 0 || context.quiet) return;
  const who =
    names.length === 1 ? `${names[0]} is` : `${names.slice(0, -1).join(', ')} and ${names.at(-1)} are`;
  const line = `${who} still configured for this address: ${context.prefix} setup --undo`;
  context.stderr.write(`${wrap(line, context.stderr.width()).join('\n')}\n`);
}

/** Whatever might still keep the process alive, it ends. */
const LINGER_MS = 1_000;

function endSoon(code: number): void {
  setTimeout(() => process.exit(code), LINGER_MS).unref();
}
