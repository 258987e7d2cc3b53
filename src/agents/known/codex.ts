import { join } from 'node:path';
import { stringify, type TomlTable } from 'smol-toml';
import type { Agent, AgentModel, Connection, FileEdit, Place, Value } from '../types.ts';
import { chosenModel, jsonFile, TOKEN_VARIABLE, USUAL_CONTEXT } from './shared.ts';

/** https://developers.openai.com/codex/config-reference */
const home = ({ env, home }: Place): string => env.CODEX_HOME || join(home, '.codex');

const PROVIDER = ['model_providers', 'unorouter'];

const provider = ({ url }: Connection): Record<string, Value> => ({
  name: 'unorouter',
  base_url: `${url}/v1`,
  wire_api: 'responses',
});

/** It knows OpenAI's own models better than we do. */
const knowsItself = (model: string): boolean => /^(gpt|o\d|codex)[\w.-]*$/.test(model);

/** What a model that it does not know works with: without instructions it takes no catalog. */
const INSTRUCTIONS = `You are a coding agent in the user's terminal, working in their current directory.
Read what you need before you change it. Make the smallest change that does what was asked, in the style of the code around it.
Use the shell tool to look at files, to edit them and to run commands; quote paths, and never undo work that is not yours.
When tools are no longer needed, answer in a few plain sentences: what you did, how you checked it, what is left.
`;

/** A catalog of one model: it warns of models that it has no data for, and guesses their limits. */
function catalog({ id, context, images, reasoning }: AgentModel): string {
  return jsonFile({
    models: [
      {
        slug: id,
        display_name: id,
        base_instructions: INSTRUCTIONS,
        context_window: context ?? USUAL_CONTEXT,
        input_modalities: images ? ['text', 'image'] : ['text'],
        supported_reasoning_levels: reasoning
          ? ['low', 'medium', 'high'].map((effort) => ({ effort, description: effort }))
          : [],
        shell_type: 'shell_command',
        visibility: 'list',
        supported_in_api: true,
        priority: 1,
        support_verbosity: false,
        truncation_policy: { mode: 'tokens', limit: 10_000 },
        experimental_supported_tools: [],
      },
    ],
  });
}

const inline = (table: Readonly<Record<string, Value>>): string =>
  `{${Object.entries(table)
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join(',')}}`;

export const codex: Agent = {
  id: 'codex',
  name: 'Codex CLI',
  binaries: ['codex'],
  install: 'npm i -g @openai/codex',
  needsModel: false,
  scopes: ['user'],
  pointers: (place) => [
    { file: join(home(place), 'config.toml'), format: 'toml', path: [...PROVIDER, 'base_url'] },
    { file: join(home(place), 'config.toml'), format: 'toml', path: ['openai_base_url'] },
    { file: null, format: 'env', path: ['OPENAI_BASE_URL'] },
  ],
  launch(facts) {
    const { model, token, dir } = facts;
    const known = chosenModel(facts);
    const own =
      known && !knowsItself(known.id) ? { path: join(dir, 'models.json'), text: catalog(known) } : null;
    const settings = [
      'model_provider="unorouter"',
      `model_providers.unorouter=${inline({ ...provider(facts), env_key: TOKEN_VARIABLE })}`,
      ...(model === null ? [] : [`model=${JSON.stringify(model)}`]),
      ...(own ? [`model_catalog_json=${JSON.stringify(own.path)}`] : []),
    ];
    return {
      env: { [TOKEN_VARIABLE]: token },
      args: settings.flatMap((setting) => ['-c', setting]),
      files: own ? [own] : [],
      how: 'settings passed with -c for this session only',
    };
  },
  setup(connection, place) {
    const { token, model } = connection;
    const known = chosenModel(connection);
    const models = join(home(place), 'unorouter.models.json');
    const own = known && !knowsItself(known.id);
    const profile: TomlTable = {
      model_provider: 'unorouter',
      ...(model === null ? {} : { model }),
      ...(own ? { model_catalog_json: models } : {}),
    };
    const edits: FileEdit[] = [
      {
        file: join(home(place), 'config.toml'),
        format: 'toml',
        settings: [{ path: PROVIDER, value: { ...provider(connection), experimental_bearer_token: token } }],
      },
      whole(join(home(place), 'unorouter.config.toml'), `${stringify(profile).trimEnd()}\n`),
      ...(own ? [whole(models, catalog(known))] : []),
    ];
    return { edits, fields: [], start: 'codex --profile unorouter' };
  },
};

const whole = (file: string, text: string): FileEdit => ({ file, format: 'lines', settings: [], text });
