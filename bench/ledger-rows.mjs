// Rows for a ledger: as many as a heavy user leaves in a year.
import { DatabaseSync } from '@photostructure/sqlite';

const DAY_MS = 86_400_000;

/**
 * A year of a heavy user, working eight hours of a day: five agents, six models of four providers, eleven projects, and
 * sessions of about a hundred requests, each of one agent in one project. Random, and the same every time. `file` is a ledger that the program made, whose own rows go; gives the rows of its
 * tables.
 */
export function fillLedger(file, { rows, now }) {
  const db = new DatabaseSync(file);
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA cache_size = -200000');
  const columns = (table) =>
    db
      .prepare(`PRAGMA table_info(${table})`)
      .all()
      .map(({ name }) => name);
  const perDay = Math.ceil(rows / 365);
  const first = Math.floor(now / DAY_MS) * DAY_MS - 365 * DAY_MS;
  const pick = (list, by) =>
    `CASE ${by} % ${list.length} ${list.map((one, i) => `WHEN ${i} THEN '${one}'`).join(' ')} END`;
  const models = [
    'claude-opus-5-5',
    'claude-haiku-4-5',
    'gpt-6-sol',
    'gpt-5-mini',
    'gemini-2.5-pro',
    'glm-4.6',
  ];
  const providers = ['anthropic', 'anthropic', 'openai', 'openai', 'google', 'openrouter'];
  const agents = ['claude', 'codex', 'opencode', 'aider', 'cline'];
  db.exec('BEGIN');
  for (const table of ['attempt', 'exchange', 'rollup', 'hour_rollup']) db.exec(`DELETE FROM ${table}`);
  db.exec(`
    INSERT INTO exchange (id, time, agent, agent_source, project, project_source, session, protocol, endpoint, stream,
      asked, provider, model, rule, status, outcome, input, cache_read, cache_write, output, reasoning, usage_source,
      cost_nano, cost_state, price_source, ttft_ms, total_ms, fallback, losses, demo, retry_nano, saved_cache_nano,
      saved_route_nano, elsewhere)
    WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ${rows}),
    picked AS (
      SELECT i, i / ${perDay} AS day, i % ${perDay} AS ofday, i / 300 * 3 + i % 3 AS session,
        (i * 2654435761) % 4294967296 AS dice FROM n
    )
    SELECT printf('01BENCH%019d', i),
      ${first} + day * ${DAY_MS} + 32400000 + ofday * 28800000 / ${perDay},
      ${pick(agents, 'session')}, 'label', 'project-' || (session % 11), 'label', 'session-' || session,
      'anthropic-messages', 'generate', 1,
      ${pick(models, '(session * 3 + dice / 65536 % 2)')}, ${pick(providers, '(session * 3 + dice / 65536 % 2)')},
      ${pick(models, '(session * 3 + dice / 65536 % 2)')},
      CASE WHEN dice % 5 = 0 THEN 'background' ELSE 'default' END,
      200, CASE WHEN dice % 97 = 0 THEN 'error' ELSE 'ok' END,
      20000 + dice % 80000, 15000 + dice % 5000, dice % 3000, dice % 2000, dice % 700, 'reported',
      dice % 90000000, CASE WHEN dice % 131 = 0 THEN 'unknown' ELSE 'exact' END, 'genai-prices', 400, 9000,
      dice % 50 = 0, '[]', 0, 0, dice % 40000000, dice % 1000000, 0
    FROM picked`);
  db.exec(`
    INSERT INTO attempt (exchange_id, n, provider, model, status, started_ms, ms, waited_ms, billable, usage_source,
      input, cache_read, cache_write, output, reasoning, cost_nano, cost_state, price_source)
    SELECT id, 1, provider, model, status, 0, total_ms, 0, 'yes', usage_source,
      input, cache_read, cache_write, output, reasoning, cost_nano, cost_state, price_source FROM exchange`);
  // The same sums that the program adds up row by row, from its own view of what counts.
  for (const table of ['rollup', 'hour_rollup']) {
    const all = columns(table);
    const keys = ['bucket', 'demo', 'session', 'provider', 'model', 'agent', 'project', 'rule'].filter(
      (one) => all.includes(one),
    );
    const summed = all.filter((one) => !keys.includes(one));
    const [, ...groups] = keys;
    const bucket = table === 'rollup' ? 'bucket' : 'time - time % 3600000';
    db.exec(`INSERT INTO ${table} (${[...keys, ...summed].join()})
      SELECT ${[bucket, ...groups, ...summed.map((one) => `sum(${one})`)].join()} FROM counted
      GROUP BY 1, ${groups.join()}`);
  }
  db.exec('COMMIT; PRAGMA wal_checkpoint(TRUNCATE)');
  const count = (table) => db.prepare(`SELECT count(*) AS n FROM ${table}`).get().n;
  const counts = Object.fromEntries(
    ['exchange', 'rollup', 'hour_rollup'].map((table) => [table, count(table)]),
  );
  db.close();
  return counts;
}
