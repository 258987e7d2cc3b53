import { expect, it } from 'vitest';
import { exchange } from '../ledger/support/exchange-samples.ts';
import { ledgerHome } from './support/ledger-home.ts';

/** Every command that lists or shows something, and a field of its JSON. */
const READERS: readonly (readonly [command: string, field: string])[] = [
  ['logs', 'id'],
  ['logs show', 'outcome'],
  ['models', 'model'],
  ['models search opus', 'model'],
  ['models info demo/echo', 'verified'],
  ['models default', 'default'],
  ['models price demo/echo', 'price'],
  ['keys list --all', 'provider'],
  ['providers list --all', 'id'],
  ['providers detect', 'provider'],
  ['routes', 'name'],
  ['routes explain demo/echo', 'targets'],
  ['spend', 'total'],
  ['spend --session last', 'total'],
  ['setup', 'id'],
  ['config path', 'path'],
  ['config validate', 'valid'],
  ['doctor', 'check'],
  ['status', 'running'],
  ['env', 'OPENAI_BASE_URL'],
  ['token', 'token'],
];

it.each(READERS)(
  '"%s" answers with JSON, and with one field where that is asked for',
  async (command, field) => {
    const { cli } = await ledgerHome([exchange('01K5AAAAAAAAAAAAAA001CODEX', { time: Date.now() - 1_000 })]);
    const ask = async (flag: string): Promise<Record<string, unknown>> => {
      const { stdout } = await cli([...command.split(' '), flag]);
      const answer: unknown = JSON.parse(stdout);
      return (Array.isArray(answer) ? answer[0] : answer) as Record<string, unknown>;
    };
    const whole = await ask('--json');
    expect(Object.keys(whole)).toContain(field);
    expect(Object.keys(await ask(`--json=${field}`))).toEqual([field]);
  },
);

it.each(['spend --cache', 'budget'])(
  '"%s" answers with a list also where there is nothing',
  async (command) => {
    const { cli } = await ledgerHome([]);
    expect(JSON.parse((await cli([...command.split(' '), '--json'])).stdout)).toEqual([]);
  },
);
