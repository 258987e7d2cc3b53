import type { BodiesMode } from '../bodies/index.ts';
import type { BudgetConcern, BudgetStanding } from '../budget/index.ts';
import type { Catalog } from '../catalog/index.ts';
import type { BudgetSpan, Config } from '../config/index.ts';
import type { Feed } from '../feed/index.ts';
import type { ProviderHealth } from '../health/index.ts';
import type { HomePaths } from '../home/index.ts';
import type { KeyEntry } from '../keys/index.ts';
import type { RouteExplanation } from '../router/index.ts';
import type { Verified, VerifiedCheck } from '../verified/index.ts';

/** How `serve` was asked to run. */
export interface ServeOptions {
  paths: HomePaths;
  env: NodeJS.ProcessEnv;
  /** Default 127.0.0.1 (and ::1 where the machine has it). */
  host: string;
  port: number;
  /** On a taken port, take any free one instead of failing. */
  anyPort: boolean;
  /** Real model names are answered by the demo provider; no upstream is ever called. */
  demo: boolean;
  /** false = no token asked (`--no-auth`); every other check stays. */
  auth: boolean;
  /** A foreign `host` without TLS was asked for in full (`--insecure-http`). */
  insecureHttp: boolean;
  /** `--strict`: refuse what translating would drop, whatever the configuration says. */
  strict: boolean;
  /** Started by `run`: ends when the last `run` that is attached to it has gone. */
  isPrivate?: boolean;
  /** Of this process only, beside those of the configuration. */
  budget?: ServeBudget | null;
  /** How people start this program, for hints: `npx unorouter`. */
  prefix: string;
  /** `--bodies`: beats `log.bodies` of the configuration; null = as configured. */
  bodies?: BodiesMode | null;
  /** `--model`: beats `default` of the configuration. */
  defaultModel: string | null;
  /** A sentence for the terminal while running (config reloaded, key added, ledger trouble). */
  notice(level: 'info' | 'warn', text: string): void;
}

/** `serve --budget 10/day`. */
export interface ServeBudget {
  span: BudgetSpan;
  limitNanoUsd: number;
}

/** `run --budget 2`: what requests under the run's label may cost together. */
export interface RunBudget {
  agent: string;
  project: string | null;
  limitNanoUsd: number;
}

/** Sums of today's real (not demo) requests; the same function feeds footer, `status` and the summary. */
export interface Today {
  requests: number;
  errors: number;
  fallbacks: number;
  costNanoUsd: number;
  unpriced: number;
  estimated: number;
  input: number;
  cacheRead: number;
}

/** `status --json` and the management API's `GET /api/status`. */
export interface ServerStatus {
  running: true;
  pid: number;
  url: string;
  version: string;
  /** ms since 1970 */
  startedAt: number;
  auth: boolean;
  demo: boolean;
  /** Whose bodies are kept on disk. */
  bodies: BodiesMode;
  /** It ends with the last `run` that is attached. */
  private: boolean;
  default: string | null;
  keys: KeyEntry[];
  /** Local servers found on loopback. */
  local: { provider: string; url: string; models: number }[];
  today: Today;
  /** In the order of the configuration. */
  budgets: BudgetStanding[];
  /** Providers that were called in the last hour. */
  health: ProviderHealth[];
  /** Sums since this server started. */
  session: Today;
  /** exchangeJson() of the open ones. */
  live: Record<string, unknown>[];
  /** Requests refused by the guard since the start (no ledger row). */
  refused: number;
  problems: string[];
}

/** What the running server keeps on disk for `statusline`. */
export interface StatuslineFile {
  pid: number;
  default: string | null;
  today: Today;
  /** Numbers of open requests and of problems. */
  live: number;
  problems: number;
}

/** `POST /api/routes/explain`: the plan for a question, or why there is none. */
export type RouteAnswer =
  | { ok: true; explanation: RouteExplanation; budgets: BudgetConcern[] }
  | {
      ok: false;
      /** As a client would read it: `unorouter: …. Run: …` */
      error: { code: string; message: string };
    };

/** `POST /api/routes/test`: what is told while tests go on; the plan first. `exchange` is exchangeJson() of one hop. */
export type RouteTestEvent =
  | { type: 'plan'; answer: RouteAnswer }
  | { type: 'hop'; target: string; exchange: Record<string, unknown> };

/** An answer as far as two of them can be compared. */
export interface Said {
  text: string;
  reasoning: string;
  toolCalls: { name: string; arguments: string }[];
  finish: string | null;
}

/** `POST /api/replay`: both answers and exchangeJson() of the new one, or what of the old request is missing. */
export type ReplayAnswer =
  | { ok: true; before: Said; now: Said; exchange: Record<string, unknown> }
  | { ok: false; why: 'not-recorded' | 'not-whole' };

/** `POST /api/models/verify`: each check as it ends, then all of them; or why nothing could be tried. */
export type VerifyEvent =
  | { type: 'check'; check: VerifiedCheck }
  | { type: 'end'; result: Verified }
  | { type: 'refused'; error: { code: string; message: string } };

/** How a stop went. */
export interface Stopped {
  /** Requests that were on their way and cut off. */
  dropped: number;
}

/** A server that listens. */
export interface RunningServer {
  /** `http://127.0.0.1:8667` */
  url: string;
  port: number;
  /** The local token; null with `--no-auth`. */
  token: string | null;
  feed: Feed;
  config(): Config;
  catalog: Catalog;
  status(): ServerStatus;
  /** Refuses new requests, lets live ones finish (at most the configured drain time), flushes the ledger. `now` hurries. */
  stop(how: 'drain' | 'now'): Promise<Stopped>;
  /** Resolves when stopped, also by the management API. */
  closed: Promise<Stopped>;
}
