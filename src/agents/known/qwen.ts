import { join } from 'node:path';
import type { Agent, Connection, Place, Pointer } from '../types.ts';

/** https://qwenlm.github.io/qwen-code-docs: a relative of Gemini CLI that speaks Chat Completions. */
const userDirectory = ({ home }: Place): string => join(home, '.qwen');

function variables({ url, token, model }: Connection): Record<string, string> {
  return {
    OPENAI_BASE_URL: `${url}/v1`,
    OPENAI_API_KEY: token,
    ...(model === null ? {} : { OPENAI_MODEL: model }),
  };
}

export const qwen: Agent = {
  id: 'qwen',
  name: 'Qwen Code',
  binaries: ['qwen'],
  install: 'npm i -g @qwen-code/qwen-code',
  needsModel: true,
  scopes: ['user'],
  pointers(place): Pointer[] {
    const path = ['OPENAI_BASE_URL'];
    const files = [
      join(place.cwd, '.qwen', '.env'),
      join(place.cwd, '.env'),
      join(userDirectory(place), '.env'),
    ];
    return [
      { file: null, format: 'env', path },
      ...files.map((file) => ({ file, format: 'env' as const, path })),
    ];
  },
  launch(facts) {
    return {
      env: variables(facts),
      args: ['--auth-type', 'openai'],
      files: [],
      how: 'settings passed in the environment for this session only',
    };
  },
  setup(connection, place) {
    return {
      edits: [
        {
          file: join(userDirectory(place), '.env'),
          format: 'env',
          settings: Object.entries(variables(connection)).map(([name, value]) => ({ path: [name], value })),
        },
        {
          file: join(userDirectory(place), 'settings.json'),
          format: 'json',
          settings: [{ path: ['security', 'auth', 'selectedType'], value: 'openai' }],
        },
      ],
      fields: [],
      start: 'qwen',
    };
  },
};
