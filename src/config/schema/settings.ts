import * as z from 'zod';
import { type Auth, QUIRKS } from '../../catalog/index.ts';
import { normaliseProviderUrl } from '../provider-url.ts';
import {
  dollars,
  duration,
  durationOrZero,
  flag,
  listOf,
  mapOf,
  oneOf,
  oneOrMore,
  section,
  size,
  textLike,
  whole,
} from './leaves.ts';
import { budget, budgets, routes } from './rules.ts';
import { agentId, every, headerName, modelName, PROTOCOLS, providerId } from './words.ts';

const DAY = { maxMs: 86_400_000, max: '24h' };
const CENTURY = { maxMs: 36_500 * 86_400_000, max: '36500d' };
const MOST_USD_PER_MILLION_TOKENS = 1_000_000;
const MOST_USD_PER_CALL = 1_000;

const AUTHS = every<Auth>()('bearer', 'x-api-key', 'x-goog-api-key', 'api-key', 'none');

const providerIds = oneOrMore(providerId, 'a provider id', 'provider ids');
const models = listOf(modelName, 'models').min(1, { error: 'must name at least one model' });

const alias = z.union(
  [
    modelName,
    models,
    section({ weighted: z.record(modelName, z.number().min(0).max(1_000_000)) }),
    section({ cheapest: models }),
    section({ fastest: models }),
  ],
  {
    error:
      'must be a model, a list of models, { weighted: { MODEL: SHARE, … } }, { cheapest: [MODEL, …] } or { fastest: [MODEL, …] }',
  },
);

const timeouts = section({
  connect: duration(DAY).optional(),
  headers: duration(DAY).optional(),
  first_content: duration(DAY).optional(),
  idle: duration(DAY).optional(),
  total: duration(DAY).optional(),
});

const url = z
  .string({ error: 'must be a URL such as https://llm.example.com/v1' })
  .refine((text) => normaliseProviderUrl(text) !== null, {
    error: 'must be an http(s) URL without user name and password, such as https://llm.example.com/v1',
  });

// Names and values as HTTP allows them (RFC 9110): a line break in a value would be a second header.
const headerValue = textLike(
  /^[\t\x20-\x7e\x80-\xff]{0,8192}$/,
  'text without line breaks (quote it if it is a number)',
);

const provider = section({
  url: url.optional(),
  protocol: oneOrMore(oneOf(PROTOCOLS), `one of ${PROTOCOLS.join(', ')},`, 'them').optional(),
  auth: oneOf(AUTHS).optional(),
  headers: mapOf(headerName, headerValue, 'header names and values').optional(),
  keys: oneOrMore(
    textLike(/^[A-Za-z_][A-Za-z0-9_]{0,100}$/, 'the name of an environment variable, such as ACME_API_KEY'),
    'the name of an environment variable (never a key itself)',
    'such names',
  ).optional(),
  timeouts: timeouts.optional(),
  quirks: listOf(oneOf(QUIRKS), 'quirks').optional(),
  enabled: flag().optional(),
});

const perMillion = dollars(MOST_USD_PER_MILLION_TOKENS).optional();
const perCall = dollars(MOST_USD_PER_CALL).optional();

const price = section({
  input: perMillion,
  output: perMillion,
  cached: perMillion,
  cache_write: perMillion,
  cache_write_1h: perMillion,
  input_audio: perMillion,
  output_audio: perMillion,
  input_image: perMillion,
  output_image: perMillion,
  per_request: perCall,
  per_search: perCall,
});

const origin = textLike(
  /^https?:\/\/[A-Za-z0-9.[\]:-]{1,253}$/,
  'an exact origin such as http://localhost:3000 (no path, no wildcard)',
);
const host = textLike(
  /^[A-Za-z0-9.:[\]_-]{1,253}$/,
  'a host name or address without scheme and path, such as llm.example.com',
);

const server = section({
  host: host.optional(),
  port: whole(1, 65_535).optional(),
  allow_hosts: listOf(host, 'host names').optional(),
  allow_origins: listOf(origin, 'origins').optional(),
  tls: section({
    cert: z.string({ error: 'must be the path of a PEM file' }),
    key: z.string({ error: 'must be the path of a PEM file' }),
  }).optional(),
  drain: durationOrZero(DAY).optional(),
  on_client_abort: oneOf(['abort', 'drain']).optional(),
});

const network = section({
  proxy: textLike(
    /^(none|https?:\/\/\S{1,500})$/,
    'a URL such as http://proxy.example.com:3128, or none',
  ).optional(),
  ca: z.string({ error: 'must be the path of a PEM file' }).min(1).optional(),
});

/** Everything that may stand in the file, as it stands there (units, snake_case). */
export const settingsSchema = section({
  default: modelName.optional().describe('Model for "default" and "auto"'),
  small: modelName
    .optional()
    .describe('Model for an agent\'s background work (role: small) and for the name "small"'),
  prefer: listOf(providerId, 'provider ids').optional().describe('Which seller of a model goes first'),
  unknown_model: oneOf(['error', 'default']).optional().describe('What a model name that nobody knows gets'),
  strict: flag().optional(),
  aliases: mapOf(modelName, alias, 'names and models')
    .optional()
    .describe(
      'Own names for models: one, a list in order, or one of them by shares (weighted), by price (cheapest) or by time to first token (fastest)',
    ),
  routes: routes.optional().describe('Rules that send requests elsewhere; the first match wins'),
  fallbacks: mapOf(providerId, providerIds, 'provider ids and lists of provider ids')
    .optional()
    .describe('Where the same model is asked for when a provider fails'),
  retry: section({ attempts: whole(1, 10).optional(), deadline: durationOrZero(DAY).optional() })
    .optional()
    .describe('Attempts at the first target, and until when one may start'),
  timeouts: timeouts.optional(),
  budget: budget.optional().describe('Most US dollars in a span of time'),
  budgets: budgets.optional().describe('Budgets of one project, agent, provider or model'),
  prices: mapOf(textLike(/^[^\s/]+\/\S+$/, 'PROVIDER/MODEL'), price, 'PROVIDER/MODEL and prices')
    .optional()
    .describe('Own prices in US dollars per million tokens; per_request and per_search in US dollars each'),
  providers: mapOf(providerId, provider, 'provider ids and their settings')
    .optional()
    .describe('Further providers, and changes to built-in ones'),
  server: server.optional(),
  network: network.optional(),
  log: section({
    bodies: oneOf(['off', 'errors', 'on']).optional(),
    keep: durationOrZero(CENTURY).optional(),
    max: size().optional(),
  })
    .optional()
    .describe('What is recorded of requests, and for how long'),
  catalog: section({ refresh: flag().optional() }).optional(),
  agents: mapOf(agentId, mapOf(z.string(), z.unknown(), 'settings'), 'agents and their settings').optional(),
});

/** The file as data, once it has passed the schema. */
export type Settings = z.infer<typeof settingsSchema>;
