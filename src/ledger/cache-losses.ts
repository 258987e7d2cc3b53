import { sql } from 'kysely';
import type { CacheBreak } from '../exchange.ts';
import { all, type Database, queries } from './database.ts';
import type { CacheLossRow } from './types.ts';

const field = <T>(name: keyof CacheBreak) => sql<T>`json_extract(cache_break, ${`$.${name}`})`;

/** Lost prompt caches by reason, dearest first. */
export function cacheLosses(db: Database, since: number, until: number): CacheLossRow[] {
  return all(
    db,
    queries
      .selectFrom('exchange')
      .select(({ fn }) => [
        field<CacheBreak['part']>('part').as('part'),
        field<CacheBreak['by']>('by').as('by'),
        fn.countAll<number>().as('requests'),
        fn.sum<number>(field('tokens')).as('tokens'),
        sql<number>`ifnull(sum(${field('costNanoUsd')}), 0)`.as('costNanoUsd'),
        sql<number>`sum(${field('costNanoUsd')} IS NULL)`.as('unpriced'),
      ])
      .where('cache_break', 'is not', null)
      .where('time', '>=', since)
      .where('time', '<', until)
      .where('demo', '=', 0)
      .groupBy(['part', 'by'])
      .orderBy('costNanoUsd', 'desc')
      .orderBy('tokens', 'desc'),
  );
}
