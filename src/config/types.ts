import type { Auth, UserPrice } from '../catalog/index.ts';
import type { ProtocolId } from '../protocols/protocol.ts';

/** The line of a setting in its file, from 1; null = not known. */
export type LineOf = (path: readonly PropertyKey[]) => number | null;

/** What an alias stands for. */
export type AliasSpec =
  | { kind: 'ordered'; targets: string[] }
  | { kind: 'weighted'; targets: { target: string; weight: number }[] }
  | { kind: 'cheapest' | 'fastest'; targets: string[] };

/** A comparison with a number of tokens: `> 180k`. */
export interface Comparison {
  sign: '<' | '<=' | '>' | '>=';
  value: number;
}

/** What a request must be like for a rule to apply; all that is said must hold, of a list one. */
export interface RouteConditions {
  /** Declared ones only (label or header), never guessed. Globs, as `agent` and `model`. */
  project?: readonly string[];
  agent?: readonly string[];
  model?: readonly string[];
  role?: 'main' | 'small';
  /** Tokens of the request, estimated. */
  input?: Comparison;
  image?: boolean;
  tools?: boolean;
  protocol?: readonly ProtocolId[];
  /** Names in lower case to globs. */
  header?: Readonly<Record<string, string>>;
  /** Minutes of the local day, `to` excluded; `from` may be later than `to` (over midnight). */
  time?: { from: number; to: number };
  /** 0 = Sunday, local. */
  day?: readonly number[];
}

/** One entry of `routes:`. */
export interface RouteRule {
  /** As written, else `rule 1`, `rule 2`, ... by place in the list. */
  name: string;
  /** Line in the file (from 1); null = not known. */
  line: number | null;
  when: RouteConditions;
  /** Models, aliases, or `provider/*` (keeps the model, changes the provider); in order. */
  to: readonly string[];
  /** Overrides the global `strict` for its requests. */
  strict?: boolean;
}

/** How long a budget lasts: from local midnight, from Monday, from the first of the month. */
export type BudgetSpan = 'day' | 'week' | 'month';

/** What a budget's rule may last: that of one run has no calendar. */
export type RuleSpan = BudgetSpan | 'run';

/** Whose spending a budget counts; all that is said must match (globs). Nothing said = everybody's. */
export interface BudgetScope {
  /** Declared ones only (label or header), never guessed. */
  project?: string;
  agent?: string;
  provider?: string;
  /** The model id that served, with or without its provider in front. */
  model?: string;
}

/** One amount of `budget:` or `budgets:`, or one that a flag set for this process or run. */
export interface BudgetRule {
  /** `daily budget`, `weekly budget of project web`; no two are the same. */
  name: string;
  /** Line in the file (from 1); null = not known. */
  line: number | null;
  of: BudgetScope;
  span: RuleSpan;
  /** A flag of `serve` or `run` set it; absent = it stands in the file. */
  by?: 'serve' | 'run';
  /** ms since 1970: that of a run counts from here. */
  since?: number;
  limitNanoUsd: number;
  /** Share of the limit from which the user is warned, 0 to 1. */
  warnAt: number;
  /** What happens at the limit: refuse, say so, or send requests to `to`. */
  action: 'block' | 'warn' | 'downgrade';
  /** A model, alias or `provider/*`; set with `downgrade` only. */
  to: string | null;
}

/** `retry`, durations in ms. */
export interface RetryConfig {
  attempts: number;
  deadlineMs: number;
}

/** Durations in ms; see reliability rule R8 for the defaults. */
export interface TimeoutsConfig {
  connectMs: number;
  headersMs: number;
  firstContentMs: number;
  idleMs: number;
  totalMs: number;
}

/** One entry of `providers:`; for a built-in id it overrides only the fields that it names. */
export interface ProviderConfig {
  url?: string;
  protocol?: ProtocolId[];
  /** `none` = needs no key. */
  auth?: Auth;
  headers?: Record<string, string>;
  /** Environment variable names that hold a key. */
  keys?: string[];
  timeouts?: Partial<TimeoutsConfig>;
  quirks?: string[];
  /** false = nothing is sent there, and it takes part in no choice. */
  enabled?: boolean;
}

/** The user's configuration with every default filled in. */
export interface Config {
  default: string | null;
  small: string | null;
  prefer: string[];
  unknownModel: 'error' | 'default';
  strict: boolean;
  aliases: ReadonlyMap<string, AliasSpec>;
  fallbacks: ReadonlyMap<string, readonly string[]>;
  /** In order; the first that matches wins. */
  routes: readonly RouteRule[];
  /** Those of `budget` first, then those of `budgets` as they stand in the file. */
  budgets: readonly BudgetRule[];
  retry: RetryConfig;
  timeouts: TimeoutsConfig;
  prices: ReadonlyMap<string, UserPrice>;
  providers: ReadonlyMap<string, ProviderConfig>;
  server: {
    host: string | null;
    port: number | null;
    allowHosts: string[];
    allowOrigins: string[];
    drainMs: number;
    onClientAbort: 'abort' | 'drain';
  };
  network: { proxy: string | null; ca: string | null };
  log: { bodies: 'off' | 'errors' | 'on'; keepMs: number; maxBytes: number };
  catalog: { refresh: boolean };
  agents: ReadonlyMap<string, Record<string, unknown>>;
}

/** A mistake in the file, with its place (1-based) and a suggestion. */
export interface ConfigProblem {
  file: string;
  line: number;
  column: number;
  /** Length of the marked text, for the caret line. */
  length: number;
  message: string;
  /** `did you mean "fallbacks"?` */
  hint?: string;
}

/** What loading gives: a configuration, or the problems that prevent it. A missing file is an empty one. */
export type ConfigResult =
  | { ok: true; config: Config; warnings: string[]; exists: boolean }
  | { ok: false; problems: ConfigProblem[]; source: string };

/** What an edit of the file did: the texts, and what the new one means. */
export interface ConfigEdit {
  before: string;
  after: string;
  config: Config;
  warnings: string[];
}

/** Where the value of a setting comes from, strongest first: flag, environment, file, default. */
export interface SettingOrigin {
  source: 'flag' | 'env' | 'file' | 'default';
  /** For people: `--port`, `$UNOROUTER_PORT`, `config.yaml:12`, `default`. */
  where: string;
  /** As it is written there; undefined = not set, and there is no default. */
  value: unknown;
}

/** What a dotted name stands for: keys from the top of the file, or no setting at all. */
export type SettingName =
  | { path: readonly string[]; unknown?: undefined }
  | {
      path?: undefined;
      unknown: {
        /** A name that was probably meant. */
        meant: string | undefined;
        /** It would hold a provider's key, which this file never does. */
        isKey: boolean;
      };
    };
