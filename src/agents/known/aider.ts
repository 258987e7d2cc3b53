import { join } from 'node:path';
import type { Agent, AgentModel, Connection, FileEdit, Value } from '../types.ts';
import { chosenModel, hasFlag, jsonFile, USUAL_CONTEXT, USUAL_OUTPUT } from './shared.ts';

/** https://aider.chat/docs/config/aider_conf.html: it names models of any OpenAI-compatible server like this. */
const named = (model: string): string => `openai/${model}`;

const MILLION = 1_000_000;

/** https://aider.chat/docs/config/adv-model-settings.html: limits, and prices a token, of models it does not know. */
function metadata({ context, output, price, images }: AgentModel): Value {
  return {
    max_input_tokens: context ?? USUAL_CONTEXT,
    max_output_tokens: output ?? USUAL_OUTPUT,
    max_tokens: output ?? USUAL_OUTPUT,
    ...(price
      ? { input_cost_per_token: price.input / MILLION, output_cost_per_token: price.output / MILLION }
      : {}),
    supports_vision: images,
    litellm_provider: 'openai',
    mode: 'chat',
  };
}

export const aider: Agent = {
  id: 'aider',
  name: 'aider',
  binaries: ['aider'],
  install: 'python -m pip install aider-install && aider-install',
  needsModel: true,
  scopes: ['user'],
  pointers: ({ home, cwd }) => [
    { file: join(cwd, '.aider.conf.yml'), format: 'yaml', path: ['openai-api-base'] },
    { file: join(home, '.aider.conf.yml'), format: 'yaml', path: ['openai-api-base'] },
    { file: null, format: 'env', path: ['OPENAI_API_BASE'] },
    { file: null, format: 'env', path: ['AIDER_OPENAI_API_BASE'] },
  ],
  launch(facts) {
    const { url, token, model, small, dir } = facts;
    const known = chosenModel(facts);
    const path = join(dir, 'models.json');
    const files = known ? [{ path, text: jsonFile({ [named(known.id)]: metadata(known) }) }] : [];
    const ownModel = model === null || hasFlag(facts, '--model') ? [] : ['--model', named(model)];
    return {
      // Its own names beat its files, which beat the usual names.
      env: {
        OPENAI_API_BASE: `${url}/v1`,
        OPENAI_API_KEY: token,
        AIDER_OPENAI_API_BASE: `${url}/v1`,
        AIDER_OPENAI_API_KEY: token,
        ...(model === null ? {} : { AIDER_WEAK_MODEL: named(small ?? model) }),
      },
      args: [...ownModel, ...(known ? ['--model-metadata-file', path] : [])],
      files,
      how: 'settings passed in the environment for this session only',
    };
  },
  setup(connection: Connection, { home }) {
    const { url, token, model } = connection;
    const known = chosenModel(connection);
    const settings: Record<string, string> = {
      'openai-api-base': `${url}/v1`,
      'openai-api-key': token,
      ...(model === null ? {} : { model: named(model) }),
    };
    const edits: FileEdit[] = [
      {
        file: join(home, '.aider.conf.yml'),
        format: 'yaml',
        settings: Object.entries(settings).map(([name, value]) => ({ path: [name], value })),
      },
    ];
    if (known)
      edits.push({
        file: join(home, '.aider.model.metadata.json'),
        format: 'json',
        settings: [{ path: [named(known.id)], value: metadata(known) }],
      });
    return { edits, fields: [], start: 'aider' };
  },
};
