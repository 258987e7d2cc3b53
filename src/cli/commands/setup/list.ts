import { AGENTS, type Agent, type AgentState, checkAgents, readJournal } from '../../../agents/index.ts';
import { EXIT, UserError } from '../../../errors.ts';
import { addressToUse } from '../../address.ts';
import { placeOf } from '../../agent-connection.ts';
import type { Context } from '../../context.ts';
import { hint } from '../../hint.ts';
import { type Column, jsonFields, jsonText, type Look, lookOf, table } from '../../render/index.ts';
import { homeShort } from '../use/show.ts';
import { overridden } from './overridden.ts';

interface Row extends AgentState {
  /** A `setup` that is not undone has written its files. */
  setUp: boolean;
}

/**
 * How agents stand: installed, connected by which file, overridden by what. With `check` one that was set up and does not
 * come through here is an error.
 * @throws UserError `setup_overridden`, `not_connected` (exit 1)
 */
export async function listAgents(context: Context, agent: Agent | undefined, check: boolean): Promise<void> {
  const setUp = new Set(readJournal(context.paths.stateDir).map((entry) => entry.agent));
  const agents = agent ? [agent] : AGENTS;
  const states = await checkAgents(placeOf(context), [await addressToUse(context)], agents);
  const rows = states.map((state): Row => ({ ...state, setUp: setUp.has(state.id) }));
  const wrong = check ? rows.find((row) => (agent || row.setUp) && row.connected === null) : undefined;
  if (context.json) {
    context.stdout.write(jsonText(jsonFields(rows.map(rowJson), context.json)));
    if (wrong) context.exit(EXIT.failed);
    return;
  }
  context.stdout.write(table(columns(context), rows, lookOf(context, context.stdout)));
  if (wrong) throw wrong.overriddenBy ? overridden(context, wrong) : notConnected(wrong);
  if (!check)
    hint(
      context,
      `Connect one: ${context.prefix} setup <agent>     for one session: ${context.prefix} run -- <agent>`,
    );
}

const rowJson = ({ id, name, program, setUp, connected, overriddenBy, pointers, unreadable }: Row) => ({
  id,
  name,
  program,
  setUp,
  connected: connected !== null,
  by: connected,
  overriddenBy,
  pointers,
  unreadable,
});

function columns(context: Context): Column<Row>[] {
  const short = (path: string): string => homeShort(path, context.env);
  const { glyphs } = lookOf(context, context.stdout);
  return [
    { title: 'AGENT', cell: ({ id }) => id },
    { title: 'NAME', cell: ({ name }) => name, drop: 1 },
    {
      title: 'INSTALLED',
      cell: ({ program }) => (program === null ? glyphs.none : short(program)),
      drop: 2,
      shrink: 12,
    },
    {
      title: 'CONNECTED',
      cell: (row) => connection(row, short, context),
      shrink: 24,
      paint: (text, row, { style }: Look) =>
        row.overriddenBy ? style.yellow(text) : row.connected ? style.green(text) : style.dim(text),
    },
  ];
}

function connection(row: Row, short: (path: string) => string, context: Context): string {
  const { glyphs } = lookOf(context, context.stdout);
  const { connected, overriddenBy, pointers, unreadable } = row;
  const [first] = pointers;
  if (connected) return `${glyphs.dot} ${short(connected.file ?? connected.setting)}`;
  if (overriddenBy) return `${glyphs.warn} overridden by ${short(overriddenBy.file ?? overriddenBy.setting)}`;
  if (first) return `${glyphs.circle} goes to ${first.url}`;
  const [broken] = unreadable;
  return broken ? `${glyphs.warn} ${short(broken.file)}: ${broken.why}` : glyphs.circle;
}

function notConnected({ id, name, pointers }: Row): UserError {
  const [first] = pointers;
  return new UserError({
    code: 'not_connected',
    exit: EXIT.failed,
    message: `${name} does not come through unorouter`,
    why: first ? `it is sent to ${first.url}` : 'none of its files names this address',
    fix: [`{cmd} setup ${id}     or for one session: {cmd} run -- ${id}`],
  });
}
