import { createCatalog, type Provider, parseModelList } from '../../../catalog/index.ts';
import { type Config, editConfig, invalidConfig, loadConfig, setIn } from '../../../config/index.ts';
import { EXIT, UserError } from '../../../errors.ts';
import {
  createConnections,
  createTransport,
  getText,
  type Transport,
  UpstreamFailure,
} from '../../../upstream/index.ts';
import type { Context } from '../../context.ts';
import { jsonFields, jsonText, plural } from '../../render/index.ts';
import { usageError } from '../../usage-error.ts';
import { tildePath } from '../config/places.ts';
import { hint, say } from '../keys/say.ts';

/** Servers of one's own machine, and what was found where they usually are. */
interface Local {
  provider: string;
  name: string;
  url: string;
  state: 'found' | 'locked' | 'strange' | 'absent';
  models: string[];
  /** Something that will hurt, and what to do. */
  warning: { text: string; fix: string } | null;
}

const LOOKED_FOR = ['ollama', 'lmstudio', 'llamacpp', 'vllm'];
/** On this machine whoever is there answers at once; one that is loading a model may take a moment. */
const TIMEOUTS = { connectMs: 500, headersMs: 2_000, idleMs: 2_000 };

/** `providers detect`: looks on loopback; exit 0 whatever is there. @throws UserError `config_invalid`, `not_found` */
export async function detectProviders(context: Context, flags: { add?: string }): Promise<void> {
  const loaded = await loadConfig(context.paths.configFile);
  if (!loaded.ok) throw invalidConfig(loaded.problems, loaded.source);
  const found = await lookAround(loaded.config, context.env);
  if (flags.add !== undefined) return keep(context, found, flags.add);
  if (context.json) {
    context.stdout.write(
      jsonText(
        jsonFields(
          found.map((one) => ({ ...one })),
          context.json,
        ),
      ),
    );
    return;
  }
  for (const one of found) tell(context, one);
  const some = found.find(({ state }) => state === 'found');
  if (some)
    hint(
      context,
      `Detected servers are used as they appear; nothing was written. Keep one: ${context.prefix} providers detect --add ${some.provider}`,
    );
}

/** What answers at the addresses where model servers usually are (the configuration may know others). */
export async function lookAround(config: Config, env: NodeJS.ProcessEnv): Promise<Local[]> {
  const catalog = createCatalog({ providers: config.providers });
  const rows = LOOKED_FOR.flatMap((id) => catalog.provider(id) ?? []);
  const connections = await createConnections({ env, proxy: config.network.proxy, ca: config.network.ca });
  try {
    const transport = createTransport(connections);
    return await Promise.all(rows.map((row) => lookAt(row, transport)));
  } finally {
    await connections.destroy();
  }
}

async function lookAt(provider: Provider, transport: Transport): Promise<Local> {
  const url = provider.surfaces[0]?.url ?? '';
  const local: Local = {
    provider: provider.id,
    name: provider.name,
    url,
    state: 'absent',
    models: [],
    warning: null,
  };
  try {
    const { status, body } = await read(provider.modelsUrl ?? `${url}/models`, transport);
    const models = status === 200 ? parseModelList(provider.id, body) : null;
    if (models) {
      Object.assign(local, { state: 'found', models: models.map(({ id }) => id) });
      if (provider.id === 'ollama') local.warning = await shortContext(url, transport);
    } else local.state = status === 401 || status === 403 ? 'locked' : 'strange';
  } catch (error) {
    // Who refuses the connection is not there; who takes it and says nonsense is somebody else.
    const reason = error instanceof UpstreamFailure ? error.reason : '';
    local.state = ['reset', 'malformed', 'timeout-headers', 'timeout-idle'].includes(reason)
      ? 'strange'
      : 'absent';
  }
  return local;
}

const read = (url: string, transport: Transport): Promise<{ status: number; body: string }> =>
  getText(
    transport,
    { url, headers: { accept: 'application/json' }, timeouts: TIMEOUTS },
    new AbortController().signal,
  );

/** Prompts of coding agents alone have some 20,000 tokens. */
const ENOUGH_CONTEXT = 65_536;

/** Ollama runs models with a short context unless it is told otherwise, and cuts prompts in silence. */
async function shortContext(url: string, transport: Transport): Promise<Local['warning']> {
  const { status, body } = await read(new URL('/api/ps', url).href, transport);
  if (status !== 200) return null;
  const running = runningIn(body).find(({ context }) => context > 0 && context < ENOUGH_CONTEXT);
  if (!running) return null;
  return {
    text: `${running.name} runs with a context of ${running.context} tokens; agents need ${ENOUGH_CONTEXT}`,
    fix: `OLLAMA_CONTEXT_LENGTH=${ENOUGH_CONTEXT} ollama serve`,
  };
}

/** https://github.com/ollama/ollama/blob/main/docs/api.md#list-running-models */
function runningIn(body: string): { name: string; context: number }[] {
  try {
    const { models } = JSON.parse(body) as { models?: { name?: unknown; context_length?: unknown }[] };
    return (models ?? []).map(({ name, context_length }) => ({
      name: String(name),
      context: typeof context_length === 'number' ? context_length : 0,
    }));
  } catch {
    // Another server at Ollama's address.
    return [];
  }
}

const SIGNS = { found: 'dot', locked: 'warn', strange: 'circle', absent: 'circle' } as const;

function tell(context: Context, { name, url, state, models, warning, provider }: Local): void {
  const words = {
    found: plural(models.length, 'model'),
    locked: `it wants a key: ${context.prefix} providers add ${provider} --url ${url} --key`,
    strange: 'something answers, but it is not a model server that we know',
    absent: 'nothing there',
  };
  say(
    context,
    context.stdout,
    SIGNS[state],
    `${name.padEnd(11)} ${new URL(url).host.padEnd(16)} ${words[state]}`,
  );
  if (!warning) return;
  say(context, context.stdout, 'warn', warning.text);
  hint(context, `  fix: ${warning.fix}`);
}

async function keep(context: Context, found: readonly Local[], name: string): Promise<void> {
  const one = found.find(({ provider }) => provider === name);
  if (!one) throw usageError(`--add takes one of ${LOOKED_FOR.join(', ')}, not "${name}"`);
  if (one.state !== 'found')
    throw new UserError({
      code: 'nothing_there',
      exit: EXIT.nothingFound,
      message: `no ${one.name} answers at ${one.url}`,
      fix: ['{cmd} providers detect     shows what does'],
    });
  const file = context.paths.configFile;
  await editConfig(file, (source) => setIn(source, ['providers', name, 'url'], one.url));
  if (context.json)
    context.stdout.write(jsonText(jsonFields([{ provider: name, url: one.url, file }], context.json)[0]));
  else say(context, context.stdout, 'dot', `Saved providers.${name} in ${tildePath(context, file)}.`);
}
