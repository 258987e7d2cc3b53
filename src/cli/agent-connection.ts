import type { Agent, AgentModel, Connection, Place } from '../agents/index.ts';
import type { ModelInfo } from '../catalog/index.ts';
import { EXIT, UserError } from '../errors.ts';
import type { Context } from './context.ts';
import { bestPlace, readName, unknownModel } from './model-name.ts';
import { loadShelves, type Shelves } from './shelves.ts';

/** The machine as an agent sees it. */
export function placeOf({ env, cwd }: Context): Place {
  const home = env.HOME || env.USERPROFILE || cwd;
  return { env, cwd, home, platform: process.platform };
}

/** What a name leads to, for an opening line: `claude-sonnet-4-5 → anthropic`. */
export interface ModelChoice {
  model: string | null;
  small: string | null;
  /** Everything that an agent may offer, the chosen ones first. */
  models: readonly AgentModel[];
  /** The provider that would serve `model` now. */
  seller: string | null;
}

/** A list that is longer than this helps nobody to choose. */
const MOST_MODELS = 60;

/**
 * The models that an agent is told of. Without `--model` an agent that needs one gets the default.
 * @throws UserError `unknown_model` (exit 9), `no_model` (exit 2), `config_invalid`
 */
export async function chooseModels(
  context: Context,
  agent: Agent | undefined,
  asked: string | undefined,
): Promise<ModelChoice> {
  const shelves = await loadShelves(context);
  const model = asked ?? (agent?.needsModel ? shelves.defaultModel : null);
  if (agent?.needsModel && model === null) throw noModel(agent);
  const reading = model === null ? null : readName(model, shelves);
  if (asked !== undefined && !reading && shelves.config.unknownModel === 'error')
    throw unknownModel(asked, shelves);
  // A name without a provider is made whole, where a demo model is meant to do the small work as well.
  const small = model?.startsWith('demo/') ? null : shelves.config.small;
  return {
    model,
    small: model === null ? null : small,
    models: modelList([model, small], shelves),
    seller: reading ? bestPlace(reading).provider.id : null,
  };
}

function noModel({ id, name }: Agent): UserError {
  return new UserError({
    code: 'no_model',
    exit: EXIT.usage,
    message: `${name} starts with a model's name, and there is no default model`,
    fix: ['{cmd} use <model>', `or for once: {cmd} run --model demo/coder -- ${id}`],
  });
}

function modelList(names: readonly (string | null)[], shelves: Shelves): AgentModel[] {
  const chosen = names.filter((name) => name !== null);
  const aliases = [...shelves.config.aliases.keys()];
  const callable = shelves.catalog
    .providers()
    .filter((provider) => provider.kind !== 'demo' && shelves.callable(provider))
    .flatMap((provider) => shelves.catalog.modelsOf(provider.id))
    .filter(({ tools }) => tools !== false);
  const named = [...chosen, ...aliases].map((name) => {
    const reading = readName(name, shelves);
    return agentModel(name, reading && bestPlace(reading).info);
  });
  const listed = callable.map((info) => agentModel(`${info.provider}/${info.id}`, info));
  const byId = new Map([...named, ...listed].map((model) => [model.id, model]));
  return [...byId.values()].slice(0, MOST_MODELS);
}

function agentModel(id: string, info: ModelInfo | null): AgentModel {
  const { input = null, output = null } = info?.price ?? {};
  return {
    id,
    context: info?.context ?? null,
    output: info?.maxOutput ?? null,
    reasoning: info?.reasoning === true,
    images: info?.vision === true,
    price: input === null || output === null ? null : { input, output },
  };
}

/** What an agent must know to come here. */
export const connectionOf = (choice: ModelChoice, url: string, token: string): Connection => ({
  url,
  token,
  model: choice.model,
  small: choice.small,
  models: choice.models,
});
