import type { ProtocolId } from '../../../src/protocols/protocol.ts';
import { ask, type Door, type Seen } from './client.ts';
import type { FaultRow } from './expectation.ts';

/** Everything that a fault is asked through: which client, which upstream. */
export interface Pair {
  client: ProtocolId;
  upstream: ProtocolId;
}

const IDS: readonly ProtocolId[] = ['openai-chat', 'openai-responses', 'anthropic-messages', 'gemini'];
/** Clients at a provider of their own protocol. */
export const NATIVE: readonly Pair[] = IDS.map((id) => ({ client: id, upstream: id }));
/** Translations: every wire is once a client's, every one but Responses once an upstream's. */
export const TRANSLATED: readonly Pair[] = [
  { client: 'anthropic-messages', upstream: 'openai-chat' },
  { client: 'openai-responses', upstream: 'anthropic-messages' },
  { client: 'openai-chat', upstream: 'gemini' },
];

/** One fault, asked in one way, at a provider of its own: breakers, budgets and parked keys are the provider's. */
export interface Case extends Pair {
  /** The provider's id. */
  id: string;
  row: FaultRow;
  stream: boolean;
}

/** Every way in which the rows can be asked. */
export function casesOf(rows: readonly FaultRow[], pairs: readonly Pair[], prefix: string): Case[] {
  const asked = rows.flatMap((row) =>
    pairs.flatMap((pair) =>
      [true, false]
        .filter((stream) => row.only === undefined || (row.only === 'stream') === stream)
        .map((stream) => ({ ...pair, row, stream })),
    ),
  );
  return asked.map((one, n) => ({ ...one, id: `${prefix}${n}` }));
}

/** The model's name says what shall go wrong; that of a case is its own, for upstreams that count by it. */
export const modelOf = ({ id, row }: Case): string => `${id}/${id}-fault-${row.fault}`;

/** Variable that holds the key of all faulty providers. */
export const KEY_VARIABLE = 'FAULTY_KEY';
/** The key: no byte of it may ever be seen outside. */
export const SECRET = 'sk-fake-5f1c9e7d3b2a4860';

/** Time limits of providers that hang on purpose. */
const QUICK = '{ headers: 1500ms, first_content: 1500ms, idle: 1500ms, total: 4s }';

/** `providers:` of a configuration, with one provider a case: all at `url`, or each at its own. */
export function providersOf(cases: readonly Case[], url: string | ((one: Case) => string)): string {
  const at = (one: Case): string => (typeof url === 'string' ? url : url(one));
  const lines = cases.map((one) => {
    const { id, upstream, row } = one;
    const version = upstream === 'gemini' ? 'v1beta' : 'v1';
    // Slow readers must know what to do before they have read the model's name.
    const early = row.fault === 'slow-read' ? '.slow-read' : '';
    const limits = row.quick ? `, timeouts: ${QUICK}` : '';
    return `  ${id}: { url: ${at(one)}/${id}${early}/${version}, protocol: ${upstream}, keys: [${KEY_VARIABLE}]${limits} }\n`;
  });
  return `providers:\n${lines.join('')}`;
}

/** Runs a task for every item, `width` at a time; results in order. */
export async function eachOf<T, R>(
  items: readonly T[],
  width: number,
  task: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const queue = items.entries();
  const worker = async (): Promise<void> => {
    for (const [n, item] of queue) results[n] = await task(item);
  };
  await Promise.all(Array.from({ length: width }, worker));
  return results;
}

/** Asks for every case, many at a time: those that hang or wait must not hold up the others. */
export function askAll(door: Door, cases: readonly Case[], width: number): Promise<Seen[]> {
  return eachOf(cases, width, (one) =>
    ask(door, { client: one.client, model: modelOf(one), stream: one.stream }),
  );
}

/** How a case is called where it is shown. */
export const titleOf = ({ row, client, upstream, stream }: Case): string =>
  `${row.row} ${row.fault}: ${client}${client === upstream ? '' : ` to ${upstream}`}${stream ? ', streamed' : ''}`;
