import { join } from 'node:path';
import type { Agent, Connection, Place, Value } from '../types.ts';
import { TOKEN_VARIABLE, USUAL_CONTEXT, USUAL_OUTPUT } from './shared.ts';

/** https://pi.dev/docs/latest/models */
const directory = ({ env, home }: Place): string => env.PI_CODING_AGENT_DIR || join(home, '.pi', 'agent');

const provider = ({ url, models }: Connection, apiKey: string): Value => ({
  baseUrl: `${url}/v1`,
  api: 'openai-completions',
  apiKey,
  models: models.map(({ id, context, output, reasoning, images, price }) => ({
    id,
    name: id,
    reasoning,
    input: images ? ['text', 'image'] : ['text'],
    contextWindow: context ?? USUAL_CONTEXT,
    maxTokens: output ?? USUAL_OUTPUT,
    cost: { input: price?.input ?? 0, output: price?.output ?? 0, cacheRead: 0, cacheWrite: 0 },
  })),
});

export const pi: Agent = {
  id: 'pi',
  name: 'pi',
  binaries: ['pi'],
  install: 'npm i -g @earendil-works/pi-coding-agent',
  needsModel: true,
  scopes: ['user'],
  pointers: (place) => [
    {
      file: join(directory(place), 'models.json'),
      format: 'json',
      path: ['providers', 'unorouter', 'baseUrl'],
    },
  ],
  launch(facts) {
    // An extension is the only way in that leaves its directory alone.
    const path = join(facts.dir, 'unorouter.js');
    // How an `apiKey` names a variable is not the same in all its versions; here it is code that reads it.
    const text = [
      `const provider = ${JSON.stringify(provider(facts, ''), null, 2)};`,
      `provider.apiKey = process.env.${TOKEN_VARIABLE};`,
      'export default (pi) => pi.registerProvider("unorouter", provider);',
      '',
    ].join('\n');
    return {
      env: { [TOKEN_VARIABLE]: facts.token },
      args: ['--extension', path, '--provider', 'unorouter', '--model', facts.model ?? ''],
      files: [{ path, text }],
      how: 'settings passed with --extension for this session only',
    };
  },
  setup(connection, place) {
    return {
      edits: [
        {
          file: join(directory(place), 'models.json'),
          format: 'json',
          settings: [{ path: ['providers', 'unorouter'], value: provider(connection, connection.token) }],
        },
      ],
      fields: [],
      start: `pi --provider unorouter --model ${connection.model}`,
    };
  },
};
