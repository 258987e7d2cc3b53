/**
 * The schema's history: script n takes a file from user_version n to n + 1. Appended to, never changed. A file whose
 * version is beyond the list belongs to a newer program.
 *
 * `seq` orders by arrival and keeps wide rows out of the index of ids. `counted` is the only place that says what a
 * request, an error or an unpriced row is: rollups are filled from it, and spans that cut a bucket are summed from it.
 *
 * Version 2: what each attempt used and cost. An exchange's row holds the sums over its attempts; in `counted` what was
 * billed by another target than the last is moved from there to where it belongs. `hour_rollup` adds up
 * whole hours, and knows sessions: a year of it is a quarter of the rows.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE exchange (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    time INTEGER NOT NULL,
    agent TEXT,
    agent_source TEXT,
    project TEXT,
    project_source TEXT,
    session TEXT,
    protocol TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    stream INTEGER NOT NULL,
    asked TEXT NOT NULL,
    provider TEXT,
    model TEXT,
    rule TEXT NOT NULL,
    status INTEGER,
    outcome TEXT NOT NULL,
    input INTEGER,
    cache_read INTEGER,
    cache_write INTEGER,
    cache_write_1h INTEGER,
    output INTEGER,
    reasoning INTEGER,
    input_audio INTEGER,
    output_audio INTEGER,
    searches INTEGER,
    cost_usd REAL,
    usage_source TEXT NOT NULL,
    cost_nano INTEGER,
    cost_state TEXT NOT NULL,
    price_source TEXT,
    ttft_ms REAL,
    total_ms REAL,
    fallback INTEGER NOT NULL,
    losses TEXT NOT NULL,
    error_code TEXT,
    error_message TEXT,
    demo INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX exchange_time ON exchange (time);
  CREATE INDEX exchange_open ON exchange (outcome) WHERE outcome = 'open';

  CREATE TABLE attempt (
    exchange_id TEXT NOT NULL,
    n INTEGER NOT NULL,
    provider TEXT NOT NULL,
    model TEXT NOT NULL,
    status INTEGER,
    failure TEXT,
    message TEXT,
    started_ms REAL NOT NULL,
    ms REAL,
    waited_ms REAL NOT NULL,
    billable TEXT NOT NULL,
    PRIMARY KEY (exchange_id, n)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE rollup (
    bucket INTEGER NOT NULL,
    demo INTEGER NOT NULL,
    provider TEXT NOT NULL,
    model TEXT NOT NULL,
    agent TEXT NOT NULL,
    project TEXT NOT NULL,
    rule TEXT NOT NULL,
    requests INTEGER NOT NULL,
    errors INTEGER NOT NULL,
    fallbacks INTEGER NOT NULL,
    unpriced INTEGER NOT NULL,
    estimated INTEGER NOT NULL,
    input INTEGER NOT NULL,
    cache_read INTEGER NOT NULL,
    cache_write INTEGER NOT NULL,
    cache_write_1h INTEGER NOT NULL,
    output INTEGER NOT NULL,
    reasoning INTEGER NOT NULL,
    cost_nano INTEGER NOT NULL,
    PRIMARY KEY (bucket, demo, provider, model, agent, project, rule)
  ) STRICT, WITHOUT ROWID;

  CREATE VIEW counted AS
  SELECT
    id,
    time,
    time - time % 900000 AS bucket,
    demo,
    ifnull(provider, '') AS provider,
    ifnull(model, '') AS model,
    ifnull(agent, '') AS agent,
    ifnull(project, '') AS project,
    rule,
    ifnull(session, '') AS session,
    1 AS requests,
    outcome <> 'ok' AS errors,
    fallback AS fallbacks,
    cost_state = 'unknown' AS unpriced,
    cost_state = 'estimate' AS estimated,
    ifnull(input, 0) AS input,
    ifnull(cache_read, 0) AS cache_read,
    ifnull(cache_write, 0) AS cache_write,
    ifnull(cache_write_1h, 0) AS cache_write_1h,
    ifnull(output, 0) AS output,
    ifnull(reasoning, 0) AS reasoning,
    ifnull(cost_nano, 0) AS cost_nano
  FROM exchange
  WHERE outcome <> 'open';
  `,
  `
  ALTER TABLE exchange ADD COLUMN input_image INTEGER;
  ALTER TABLE exchange ADD COLUMN output_image INTEGER;
  ALTER TABLE exchange ADD COLUMN server_tools INTEGER;
  ALTER TABLE exchange ADD COLUMN tier TEXT;
  ALTER TABLE exchange ADD COLUMN retry_nano INTEGER;
  ALTER TABLE exchange ADD COLUMN saved_cache_nano INTEGER;
  ALTER TABLE exchange ADD COLUMN saved_route_nano INTEGER;
  ALTER TABLE exchange ADD COLUMN elsewhere INTEGER;

  ALTER TABLE attempt ADD COLUMN usage_source TEXT;
  ALTER TABLE attempt ADD COLUMN input INTEGER;
  ALTER TABLE attempt ADD COLUMN cache_read INTEGER;
  ALTER TABLE attempt ADD COLUMN cache_write INTEGER;
  ALTER TABLE attempt ADD COLUMN cache_write_1h INTEGER;
  ALTER TABLE attempt ADD COLUMN output INTEGER;
  ALTER TABLE attempt ADD COLUMN reasoning INTEGER;
  ALTER TABLE attempt ADD COLUMN input_audio INTEGER;
  ALTER TABLE attempt ADD COLUMN output_audio INTEGER;
  ALTER TABLE attempt ADD COLUMN input_image INTEGER;
  ALTER TABLE attempt ADD COLUMN output_image INTEGER;
  ALTER TABLE attempt ADD COLUMN searches INTEGER;
  ALTER TABLE attempt ADD COLUMN server_tools INTEGER;
  ALTER TABLE attempt ADD COLUMN cost_usd REAL;
  ALTER TABLE attempt ADD COLUMN tier TEXT;
  ALTER TABLE attempt ADD COLUMN cost_nano INTEGER;
  ALTER TABLE attempt ADD COLUMN cost_state TEXT;
  ALTER TABLE attempt ADD COLUMN price_source TEXT;

  ALTER TABLE rollup ADD COLUMN retry_nano INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE rollup ADD COLUMN saved_cache_nano INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE rollup ADD COLUMN saved_route_nano INTEGER NOT NULL DEFAULT 0;

  CREATE TABLE hour_rollup (
    bucket INTEGER NOT NULL,
    demo INTEGER NOT NULL,
    session TEXT NOT NULL,
    provider TEXT NOT NULL,
    model TEXT NOT NULL,
    agent TEXT NOT NULL,
    project TEXT NOT NULL,
    rule TEXT NOT NULL,
    requests INTEGER NOT NULL,
    errors INTEGER NOT NULL,
    fallbacks INTEGER NOT NULL,
    unpriced INTEGER NOT NULL,
    estimated INTEGER NOT NULL,
    input INTEGER NOT NULL,
    cache_read INTEGER NOT NULL,
    cache_write INTEGER NOT NULL,
    cache_write_1h INTEGER NOT NULL,
    output INTEGER NOT NULL,
    reasoning INTEGER NOT NULL,
    cost_nano INTEGER NOT NULL,
    retry_nano INTEGER NOT NULL,
    saved_cache_nano INTEGER NOT NULL,
    saved_route_nano INTEGER NOT NULL,
    PRIMARY KEY (bucket, demo, session, provider, model, agent, project, rule)
  ) STRICT, WITHOUT ROWID;

  DROP VIEW counted;
  CREATE VIEW counted AS
  SELECT
    id,
    time,
    time - time % 900000 AS bucket,
    demo,
    ifnull(provider, '') AS provider,
    ifnull(model, '') AS model,
    ifnull(agent, '') AS agent,
    ifnull(project, '') AS project,
    rule,
    ifnull(session, '') AS session,
    1 AS requests,
    outcome <> 'ok' AS errors,
    fallback AS fallbacks,
    cost_state = 'unknown' AS unpriced,
    cost_state = 'estimate' AS estimated,
    ifnull(input, 0) AS input,
    ifnull(cache_read, 0) AS cache_read,
    ifnull(cache_write, 0) AS cache_write,
    ifnull(cache_write_1h, 0) AS cache_write_1h,
    ifnull(output, 0) AS output,
    ifnull(reasoning, 0) AS reasoning,
    ifnull(cost_nano, 0) AS cost_nano,
    ifnull(retry_nano, 0) AS retry_nano,
    ifnull(saved_cache_nano, 0) AS saved_cache_nano,
    ifnull(saved_route_nano, 0) AS saved_route_nano
  FROM exchange
  WHERE outcome <> 'open'
  UNION ALL
  SELECT
    e.id,
    e.time,
    e.time - e.time % 900000,
    e.demo,
    ifnull(a.provider, ''),
    ifnull(a.model, ''),
    ifnull(e.agent, ''),
    ifnull(e.project, ''),
    e.rule,
    ifnull(e.session, ''),
    0,
    0,
    0,
    0,
    0,
    ifnull(a.input, 0),
    ifnull(a.cache_read, 0),
    ifnull(a.cache_write, 0),
    ifnull(a.cache_write_1h, 0),
    ifnull(a.output, 0),
    ifnull(a.reasoning, 0),
    ifnull(a.cost_nano, 0),
    CASE WHEN a.failure IS NULL THEN 0 ELSE ifnull(a.cost_nano, 0) END,
    0,
    0
  FROM exchange e JOIN attempt a ON a.exchange_id = e.id
  WHERE e.outcome <> 'open' AND e.elsewhere = 1 AND a.usage_source IS NOT NULL
    AND (a.provider IS NOT e.provider OR a.model IS NOT e.model)
  UNION ALL
  SELECT
    e.id,
    e.time,
    e.time - e.time % 900000,
    e.demo,
    ifnull(e.provider, ''),
    ifnull(e.model, ''),
    ifnull(e.agent, ''),
    ifnull(e.project, ''),
    e.rule,
    ifnull(e.session, ''),
    0,
    0,
    0,
    0,
    0,
    -ifnull(a.input, 0),
    -ifnull(a.cache_read, 0),
    -ifnull(a.cache_write, 0),
    -ifnull(a.cache_write_1h, 0),
    -ifnull(a.output, 0),
    -ifnull(a.reasoning, 0),
    -ifnull(a.cost_nano, 0),
    CASE WHEN a.failure IS NULL THEN 0 ELSE -ifnull(a.cost_nano, 0) END,
    0,
    0
  FROM exchange e JOIN attempt a ON a.exchange_id = e.id
  WHERE e.outcome <> 'open' AND e.elsewhere = 1 AND a.usage_source IS NOT NULL
    AND (a.provider IS NOT e.provider OR a.model IS NOT e.model);

  INSERT INTO hour_rollup
  SELECT
    time - time % 3600000, demo, session, provider, model, agent, project, rule,
    sum(requests),
    sum(errors),
    sum(fallbacks),
    sum(unpriced),
    sum(estimated),
    sum(input),
    sum(cache_read),
    sum(cache_write),
    sum(cache_write_1h),
    sum(output),
    sum(reasoning),
    sum(cost_nano),
    sum(retry_nano),
    sum(saved_cache_nano),
    sum(saved_route_nano)
  FROM counted
  GROUP BY 1, demo, session, provider, model, agent, project, rule;
  `,
  // Why a prompt cache was lost.
  `
  ALTER TABLE exchange ADD COLUMN cache_break TEXT;
  CREATE INDEX exchange_cache_break ON exchange (time) WHERE cache_break IS NOT NULL;
  `,
  'ALTER TABLE attempt ADD COLUMN answer_id TEXT;', // What providers call their answers.
];
