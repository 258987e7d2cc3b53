import { type Exchange, exchangeJson } from '../../../exchange.ts';
import { csv, type MachineRow, safeText } from '../../render/index.ts';

const COLUMNS = [
  'id',
  'time',
  'agent',
  'project',
  'session',
  'protocol',
  'endpoint',
  'stream',
  'asked',
  'served',
  'rule',
  'status',
  'outcome',
  'input',
  'cacheRead',
  'cacheWrite',
  'cacheWrite1h',
  'output',
  'reasoning',
  'usageSource',
  'costNanoUsd',
  'costState',
  'priceSource',
  'ttftMs',
  'totalMs',
  'attempts',
  'losses',
  'errorCode',
  'errorMessage',
  'demo',
] as const;

/** The names of the JSON as columns: usage spread out, attempts counted. */
export function logsCsv(rows: readonly Exchange[]): string {
  return csv(rows.map(flat), COLUMNS);
}

function flat(x: Exchange): MachineRow {
  const { usage, ...json } = exchangeJson(x);
  const row = { ...json, ...(usage as object), attempts: x.attempts.length, losses: x.losses.join('; ') };
  return printable(row);
}

/** CSV has no escapes of its own, and is looked at in terminals: what they would obey is written out. */
export function printable(row: MachineRow): MachineRow {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, typeof value === 'string' ? safeText(value) : value]),
  );
}
