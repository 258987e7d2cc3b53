import type { UserPrice } from '../catalog/index.ts';
import { budgetRules } from './budgets.ts';
import { DEFAULT_SETTINGS } from './defaults.ts';
import { normaliseProviderUrl } from './provider-url.ts';
import { DAYS } from './schema/rules.ts';
import type { Settings } from './schema/settings.ts';
import type {
  AliasSpec,
  Comparison,
  Config,
  LineOf,
  ProviderConfig,
  RouteConditions,
  RouteRule,
  TimeoutsConfig,
} from './types.ts';
import { parseDuration, parseSize } from './units.ts';

type AliasSettings = NonNullable<Settings['aliases']>[string];
type ProviderSettings = NonNullable<Settings['providers']>[string];
type PriceSettings = NonNullable<Settings['prices']>[string];

// The schema has let only durations, sizes and URLs through: what does not parse is the literal 0.
const ms = (text: string | 0): number => parseDuration(String(text)) ?? 0;
const bytes = (text: string): number => parseSize(text) ?? 0;

const listOf = <T extends string>(value: T | readonly T[] | undefined): T[] =>
  typeof value === 'string' ? [value] : [...(value ?? [])];

const mapOf = <A, B>(from: Record<string, A> | undefined, to: (value: A) => B): ReadonlyMap<string, B> =>
  new Map(Object.entries(from ?? {}).map(([key, value]) => [key, to(value)]));

/** `{ [name]: value }`, or nothing when it was not said: laid over defaults, it changes only what the user named. */
const field = <K extends string, A, B>(
  name: K,
  value: A | undefined,
  to: (value: A) => B,
): { [P in K]?: B } => (value === undefined ? {} : ({ [name]: to(value) } as { [P in K]: B }));

const same = <T>(value: T): T => value;

function timeoutsOf(given: Settings['timeouts']): Partial<TimeoutsConfig> {
  return {
    ...field('connectMs', given?.connect, ms),
    ...field('headersMs', given?.headers, ms),
    ...field('firstContentMs', given?.first_content, ms),
    ...field('idleMs', given?.idle, ms),
    ...field('totalMs', given?.total, ms),
  };
}

function aliasOf(alias: AliasSettings): AliasSpec {
  if (typeof alias === 'string' || Array.isArray(alias)) return { kind: 'ordered', targets: listOf(alias) };
  if ('cheapest' in alias) return { kind: 'cheapest', targets: alias.cheapest };
  if ('fastest' in alias) return { kind: 'fastest', targets: alias.fastest };
  const targets = Object.entries(alias.weighted).map(([target, weight]) => ({ target, weight }));
  return { kind: 'weighted', targets };
}

function providerOf(given: ProviderSettings): ProviderConfig {
  return {
    ...field('url', given.url, (url) => normaliseProviderUrl(url) ?? url),
    ...field('protocol', given.protocol, listOf),
    ...field('auth', given.auth, same),
    ...field('headers', given.headers, same),
    ...field('keys', given.keys, listOf),
    ...field('timeouts', given.timeouts, timeoutsOf),
    ...field('quirks', given.quirks, listOf),
    ...field('enabled', given.enabled, same),
  };
}

function priceOf(given: PriceSettings): UserPrice {
  return {
    ...field('input', given.input, same),
    ...field('output', given.output, same),
    ...field('cached', given.cached, same),
    ...field('cacheWrite', given.cache_write, same),
    ...field('cacheWrite1h', given.cache_write_1h, same),
    ...field('inputAudio', given.input_audio, same),
    ...field('outputAudio', given.output_audio, same),
    ...field('inputImage', given.input_image, same),
    ...field('outputImage', given.output_image, same),
    ...field('perRequest', given.per_request, same),
    ...field('perSearch', given.per_search, same),
  };
}

type RouteSettings = NonNullable<Settings['routes']>[number];

const MULTIPLES: Readonly<Record<string, number>> = { k: 1_000, M: 1_000_000 };

function comparisonOf(text: string): Comparison {
  // The schema has let only this form through.
  const [, sign = '>', number = '0', unit = ''] = /^(<=|>=|<|>) ?([\d.]+)([kM]?)$/.exec(text) ?? [];
  return { sign: sign as Comparison['sign'], value: Math.round(Number(number) * (MULTIPLES[unit] ?? 1)) };
}

const minutesOf = (clock: string): number => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3, 5));

function spanOf(text: string): { from: number; to: number } {
  const [from = '', to = ''] = text.split('-');
  return { from: minutesOf(from), to: minutesOf(to) };
}

function conditionsOf(given: RouteSettings['when'] = {}): RouteConditions {
  return {
    ...field('project', given.project, listOf),
    ...field('agent', given.agent, listOf),
    ...field('model', given.model, listOf),
    ...field('role', given.role, same),
    ...field('input', given.input, comparisonOf),
    ...field('image', given.image, same),
    ...field('tools', given.tools, same),
    ...field('protocol', given.protocol, listOf),
    ...field('header', given.header, (header) =>
      Object.fromEntries(Object.entries(header).map(([name, pattern]) => [name.toLowerCase(), pattern])),
    ),
    ...field('time', given.time, spanOf),
    ...field('day', given.day, (day) => listOf(day).map((name) => DAYS.indexOf(name))),
  };
}

/** A rule's name, said or not (`rule 2`): logs and sums know rules by nothing else. */
export const ruleName = ({ name }: Pick<RouteSettings, 'name'>, index: number): string =>
  name ?? `rule ${index + 1}`;

function routeOf(given: RouteSettings, index: number, lineOf: LineOf): RouteRule {
  return {
    name: ruleName(given, index),
    line: lineOf(['routes', index]),
    when: conditionsOf(given.when),
    to: listOf(given.to),
    ...field('strict', given.strict, same),
  };
}

const defaults = DEFAULT_SETTINGS;

const DEFAULT_TIMEOUTS: TimeoutsConfig = {
  connectMs: ms(defaults.timeouts.connect),
  headersMs: ms(defaults.timeouts.headers),
  firstContentMs: ms(defaults.timeouts.first_content),
  idleMs: ms(defaults.timeouts.idle),
  totalMs: ms(defaults.timeouts.total),
};

function serverOf(given: Settings['server']): Config['server'] {
  return {
    host: given?.host ?? null,
    port: given?.port ?? null,
    allowHosts: listOf(given?.allow_hosts),
    allowOrigins: listOf(given?.allow_origins),
    drainMs: ms(given?.drain ?? defaults.server.drain),
    onClientAbort: given?.on_client_abort ?? defaults.server.on_client_abort,
  };
}

function logOf(given: Settings['log']): Config['log'] {
  return {
    bodies: given?.bodies ?? defaults.log.bodies,
    keepMs: ms(given?.keep ?? defaults.log.keep),
    maxBytes: bytes(given?.max ?? defaults.log.max),
  };
}

/** The configuration that settings stand for, with every default filled in. */
export function buildConfig(settings: Settings, lineOf: LineOf = () => null): Config {
  return {
    default: settings.default ?? null,
    small: settings.small ?? null,
    prefer: listOf(settings.prefer),
    unknownModel: settings.unknown_model ?? defaults.unknown_model,
    strict: settings.strict ?? defaults.strict,
    aliases: mapOf(settings.aliases, aliasOf),
    fallbacks: mapOf(settings.fallbacks, listOf),
    routes: (settings.routes ?? []).map((rule, index) => routeOf(rule, index, lineOf)),
    budgets: budgetRules(settings, lineOf),
    retry: {
      attempts: settings.retry?.attempts ?? defaults.retry.attempts,
      deadlineMs: ms(settings.retry?.deadline ?? defaults.retry.deadline),
    },
    timeouts: { ...DEFAULT_TIMEOUTS, ...timeoutsOf(settings.timeouts) },
    prices: mapOf(settings.prices, priceOf),
    providers: mapOf(settings.providers, providerOf),
    server: serverOf(settings.server),
    network: { proxy: settings.network?.proxy ?? null, ca: settings.network?.ca ?? null },
    log: logOf(settings.log),
    catalog: { refresh: settings.catalog?.refresh ?? defaults.catalog.refresh },
    agents: mapOf(settings.agents, same),
  };
}

/** The configuration of an empty file. */
export const DEFAULTS: Config = buildConfig({});
