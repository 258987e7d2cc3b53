import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Agent, Connection, Place, Value } from '../types.ts';
import { hasFlag, USUAL_CONTEXT, USUAL_OUTPUT } from './shared.ts';

/** https://opencode.ai/docs/config */
function userFile({ env, home }: Place): string {
  const directory = join(env.XDG_CONFIG_HOME || join(home, '.config'), 'opencode');
  const jsonc = join(directory, 'opencode.jsonc');
  return existsSync(jsonc) ? jsonc : join(directory, 'opencode.json');
}

const PROVIDER = ['provider', 'unorouter'];

/** It lists only models that are written down, and cuts a conversation by their limits. */
function provider({ url, token, models }: Connection): Value {
  return {
    npm: '@ai-sdk/openai-compatible',
    name: 'unorouter',
    options: { baseURL: `${url}/v1`, apiKey: token },
    models: Object.fromEntries(
      models.map(({ id, context, output, reasoning, images, price }) => [
        id,
        {
          name: id,
          reasoning,
          tool_call: true,
          ...(images ? { attachment: true, modalities: { input: ['text', 'image'], output: ['text'] } } : {}),
          limit: { context: context ?? USUAL_CONTEXT, output: output ?? USUAL_OUTPUT },
          ...(price ? { cost: price } : {}),
        },
      ]),
    ),
  };
}

export const opencode: Agent = {
  id: 'opencode',
  name: 'opencode',
  binaries: ['opencode'],
  install: 'npm i -g opencode-ai',
  needsModel: true,
  scopes: ['user'],
  pointers: (place) => {
    const path = [...PROVIDER, 'options', 'baseURL'];
    const files = [join(place.cwd, 'opencode.jsonc'), join(place.cwd, 'opencode.json'), userFile(place)];
    return files.map((file) => ({ file, format: 'json', path }));
  },
  launch(facts) {
    const { model, small } = facts;
    const config = {
      provider: { unorouter: provider(facts) },
      model: `unorouter/${model}`,
      small_model: `unorouter/${small ?? model}`,
    };
    return {
      env: { OPENCODE_CONFIG_CONTENT: JSON.stringify(config) },
      args: [],
      files: [],
      how: hasFlag(facts, '-m', '--model')
        ? 'settings passed in the environment; its -m wants unorouter/<model>'
        : 'settings passed in the environment for this session only',
    };
  },
  setup(connection, place) {
    return {
      edits: [
        {
          file: userFile(place),
          format: 'json',
          settings: [
            // It writes this line into every file that has none.
            { path: ['$schema'], value: 'https://opencode.ai/config.json' },
            { path: PROVIDER, value: provider(connection) },
          ],
        },
      ],
      fields: [],
      start: `opencode -m unorouter/${connection.model}`,
    };
  },
};
