import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Catalog, Provider } from '../../../catalog/index.ts';
import type { Context } from '../../context.ts';

/** A key in somebody else's place. */
export interface FoundKey {
  from: string;
  /** `$OPENAI_API_KEY`, `./.env`, `~/.codex/auth.json`. */
  where: string;
  provider: Provider;
  secret: string;
}

/** A name that stands for a provider, and what stands beside it. */
interface Pair {
  name: string;
  secret: unknown;
  /** Where that place sends the key; another address than ours: another key. */
  url?: unknown;
}

interface Source {
  id: string;
  /** Below the user's home, or the working directory (`./`). */
  files: readonly string[];
  read(text: string, catalog: Catalog): Pair[];
}

type Fields = Readonly<Record<string, unknown>>;
const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** Places that hold API keys. Logins (OAuth) lie in some of the same files, and are left alone. */
const SOURCES: readonly Source[] = [
  { id: 'dotenv', files: ['./.env'], read: (text, catalog) => variablesIn(text, catalog) },
  {
    id: 'codex',
    files: ['.codex/auth.json'],
    read: (text) => [{ name: 'openai', secret: fieldsOf(JSON.parse(text)).OPENAI_API_KEY }],
  },
  {
    id: 'opencode',
    files: ['.local/share/opencode/auth.json'],
    read: (text) =>
      Object.entries(fieldsOf(JSON.parse(text))).flatMap(([name, entry]) => {
        const { type, key } = fieldsOf(entry);
        return type === 'api' ? [{ name, secret: key }] : [];
      }),
  },
  {
    id: 'aider',
    files: ['.aider.conf.yml', './.aider.conf.yml'],
    read: (text) => aiderKeys(fieldsOf(parse(text))),
  },
  {
    id: 'llm',
    files: ['.config/io.datasette.llm/keys.json', 'Library/Application Support/io.datasette.llm/keys.json'],
    read: (text) => Object.entries(fieldsOf(JSON.parse(text))).map(([name, secret]) => ({ name, secret })),
  },
  {
    id: 'ccr',
    files: ['.claude-code-router/config.json'],
    read: (text) => {
      const { Providers, providers } = fieldsOf(JSON.parse(text));
      return listOf(Providers ?? providers).map((one) => {
        const { name, api_key, api_base_url } = fieldsOf(one);
        return { name: String(name), secret: api_key, url: api_base_url };
      });
    },
  },
];

/** What `--from` takes. */
export const SOURCE_IDS: readonly string[] = ['env', ...SOURCES.map(({ id }) => id)];

/** `openai-api-key: …`, and `api-key: [gemini=…]`. */
function aiderKeys(settings: Fields): Pair[] {
  const own = Object.entries(settings).flatMap(([key, secret]) => {
    const [, name] = /^(\w+)-api-key$/.exec(key) ?? [];
    return name === undefined ? [] : [{ name, secret }];
  });
  const listed = [settings['api-key']].flat().map((text) => {
    const [name = '', secret] = String(text ?? '').split('=');
    return { name, secret };
  });
  return [...own, ...listed];
}

function variablesIn(text: string, catalog: Catalog): Pair[] {
  return text.split('\n').flatMap((line) => {
    const [, variable = '', secret = ''] =
      /^\s*(?:export\s+)?([A-Z][A-Z0-9_]*)\s*=\s*["']?([^"'\s#]+)/.exec(line) ?? [];
    const owner = catalog.providers().find(({ env }) => env.includes(variable));
    return owner ? [{ name: owner.id, secret }] : [];
  });
}

/** Tokens of a login are bound to the tool that they were given to: using them elsewhere costs people their accounts. */
const LOGIN = /^(sk-ant-o|eyJ|ya29\.|gho_|ghu_)/;
const KEY = /^[\x21-\x7e]{8,4096}$/;

/** Keys in variables and files of others, each once, the strongest place first. Reads only. */
export function findKeys(context: Context, catalog: Catalog, from: readonly string[]): FoundKey[] {
  const pairs = [
    ...(from.includes('env') ? inEnvironment(context, catalog) : []),
    ...SOURCES.filter(({ id }) => from.includes(id)).flatMap((source) => inFiles(source, context, catalog)),
  ];
  const seen = new Set<string>();
  return pairs.flatMap(({ from, where, name, secret, url }) => {
    const provider = catalog.provider(name);
    if (!provider || typeof secret !== 'string' || !KEY.test(secret) || LOGIN.test(secret)) return [];
    if (!isFor(provider, url) || seen.has(`${provider.id} ${secret}`)) return [];
    seen.add(`${provider.id} ${secret}`);
    return [{ from, where, provider, secret }];
  });
}

type Placed = Pair & { from: string; where: string };

function inEnvironment({ env }: Context, catalog: Catalog): Placed[] {
  return catalog.providers().flatMap((provider) => {
    const name = provider.env.find((variable) => env[variable]);
    return name ? [{ from: 'env', where: `$${name}`, name: provider.id, secret: env[name] }] : [];
  });
}

function inFiles({ id, files, read }: Source, { env, cwd }: Context, catalog: Catalog): Placed[] {
  const home = env.HOME || env.USERPROFILE || homedir();
  return files.flatMap((file) => {
    const path = file.startsWith('./') ? join(cwd, file) : join(home, file);
    const where = file.startsWith('./') ? file : `~/${file}`;
    try {
      return read(readFileSync(path, 'utf8'), catalog).map((pair) => ({ ...pair, from: id, where }));
    } catch {
      // Not there, or not what it should be: nothing to take from it.
      return [];
    }
  });
}

/** A key that its place sends to another address is another provider's. */
function isFor({ surfaces }: Provider, url: unknown): boolean {
  if (typeof url !== 'string') return true;
  return URL.canParse(url) && surfaces.some((surface) => new URL(surface.url).origin === new URL(url).origin);
}
