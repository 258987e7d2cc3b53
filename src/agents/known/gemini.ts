import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Agent, Connection, Place, Pointer } from '../types.ts';
import { hasFlag, jsonFile } from './shared.ts';

/** https://geminicli.com/docs/reference/configuration */
const userDirectory = ({ env, home }: Place): string => join(env.GEMINI_CLI_HOME || home, '.gemini');

/** Settings of the whole machine, which beat the user's. */
function systemFile({ env, platform }: Place): string {
  if (env.GEMINI_CLI_SYSTEM_SETTINGS_PATH) return env.GEMINI_CLI_SYSTEM_SETTINGS_PATH;
  if (platform === 'darwin') return '/Library/Application Support/GeminiCli/settings.json';
  if (platform === 'win32') return 'C:\\ProgramData\\gemini-cli\\settings.json';
  return '/etc/gemini-cli/settings.json';
}

const BY_KEY = { security: { auth: { selectedType: 'gemini-api-key' } } };

function variables({ url, token, model }: Connection): Record<string, string> {
  return {
    GOOGLE_GEMINI_BASE_URL: url,
    GEMINI_API_KEY: token,
    ...(model === null ? {} : { GEMINI_MODEL: model }),
  };
}

export const gemini: Agent = {
  id: 'gemini',
  name: 'Gemini CLI',
  binaries: ['gemini'],
  install: 'npm i -g @google/gemini-cli',
  needsModel: false,
  scopes: ['user'],
  pointers(place): Pointer[] {
    const path = ['GOOGLE_GEMINI_BASE_URL'];
    const files = [
      join(place.cwd, '.gemini', '.env'),
      join(place.cwd, '.env'),
      join(userDirectory(place), '.env'),
    ];
    // What the shell has set is never replaced by a file.
    return [
      { file: null, format: 'env', path },
      ...files.map((file) => ({ file, format: 'env' as const, path })),
    ];
  },
  launch(facts) {
    const { place, dir, headless } = facts;
    // A user who signed in with an account would be sent there: only settings of the machine beat that choice. Where
    // somebody has written such settings, they stay.
    const path = join(dir, 'settings.json');
    const own = existsSync(systemFile(place)) ? null : { path, text: jsonFile(BY_KEY) };
    const trust = headless || hasFlag(facts, '-p', '--prompt');
    return {
      env: {
        ...variables(facts),
        // The two would be taken for another way to Google.
        GOOGLE_API_KEY: '',
        GOOGLE_GENAI_USE_VERTEXAI: '',
        ...(own ? { GEMINI_CLI_SYSTEM_SETTINGS_PATH: own.path } : {}),
        // Without anybody to ask it ends in a directory that it does not know.
        ...(trust ? { GEMINI_CLI_TRUST_WORKSPACE: 'true' } : {}),
      },
      args: [],
      files: own ? [own] : [],
      how: 'settings passed in the environment for this session only',
    };
  },
  setup(connection, place) {
    const directory = userDirectory(place);
    return {
      edits: [
        {
          file: join(directory, '.env'),
          format: 'env',
          settings: Object.entries(variables(connection)).map(([name, value]) => ({ path: [name], value })),
        },
        {
          file: join(directory, 'settings.json'),
          format: 'json',
          settings: [
            { path: ['security', 'auth', 'selectedType'], value: BY_KEY.security.auth.selectedType },
          ],
        },
      ],
      fields: [],
      start: 'gemini',
    };
  },
};
