import type { IncomingMessage } from 'node:http';
import type { Catalog, ModelInfo, Provider } from '../catalog/index.ts';

/** A model as a list shows it: the name to ask for and what is known of it. */
interface Listed {
  id: string;
  ownedBy: string;
  info: ModelInfo | null;
}

/** In which protocol a list of models is asked for. */
export type ListStyle = 'openai' | 'anthropic' | 'gemini' | 'codex';

/** Clients tell themselves apart by header and query; see design/protocols.md. */
export function listStyle(request: IncomingMessage): ListStyle {
  const url = new URL(request.url ?? '/', 'http://localhost');
  if (url.pathname.startsWith('/v1beta')) return 'gemini';
  if (request.headers['anthropic-version'] !== undefined) return 'anthropic';
  return url.searchParams.has('client_version') ? 'codex' : 'openai';
}

/** Every model of every provider that can be called now, as `provider/model`, with aliases first. */
export function listedModels(
  catalog: Catalog,
  aliases: Iterable<string>,
  callable: (provider: Provider) => boolean,
): Listed[] {
  const named = [...aliases].map((id) => ({ id, ownedBy: 'unorouter', info: null }));
  const sold = catalog
    .providers()
    .filter(callable)
    .flatMap((provider) =>
      catalog
        .modelsOf(provider.id)
        .map((info) => ({ id: `${provider.id}/${info.id}`, ownedBy: provider.id, info })),
    );
  return [...named, ...sold];
}

const UNKNOWN_CREATED = '1970-01-01T00:00:00Z';

const ITEM: Record<ListStyle, (model: Listed) => Record<string, unknown>> = {
  openai: ({ id, ownedBy }) => ({ id, object: 'model', created: 0, owned_by: ownedBy }),
  anthropic: ({ id }) => ({ type: 'model', id, display_name: id, created_at: UNKNOWN_CREATED }),
  gemini: ({ id, info }) => ({
    name: `models/${id}`,
    baseModelId: id,
    version: '1',
    displayName: id,
    ...(info?.context ? { inputTokenLimit: info.context } : {}),
    ...(info?.maxOutput ? { outputTokenLimit: info.maxOutput } : {}),
    supportedGenerationMethods: ['generateContent', 'streamGenerateContent', 'countTokens'],
  }),
  codex: ({ id, info }) => ({
    slug: id,
    display_name: id,
    ...(info?.context ? { context_window: info.context } : {}),
  }),
};

const LIST: Record<ListStyle, (models: Listed[]) => Record<string, unknown>> = {
  openai: (models) => ({ object: 'list', data: models.map(ITEM.openai) }),
  anthropic: (models) => ({
    data: models.map(ITEM.anthropic),
    has_more: false,
    first_id: models[0]?.id ?? null,
    last_id: models.at(-1)?.id ?? null,
  }),
  gemini: (models) => ({ models: models.map(ITEM.gemini) }),
  codex: (models) => ({ models: models.map(ITEM.codex) }),
};

/** The whole list in the asker's shape. */
export function encodeList(style: ListStyle, models: Listed[]): Record<string, unknown> {
  return LIST[style](models);
}

/** One model of the list by its name; null when it is not there. */
export function encodeModel(style: ListStyle, models: Listed[], id: string): Record<string, unknown> | null {
  const found = models.find((model) => model.id === id || model.info?.id === id);
  return found ? ITEM[style](found) : null;
}
