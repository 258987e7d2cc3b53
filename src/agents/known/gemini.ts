import { join } from 'node:path';
import { loadFormat } from '../formats/index.ts';
import type { Agent, Connection, Place, Pointer, SessionFile } from '../types.ts';
import { hasFlag, namesIn, textOf } from './shared.ts';

/** https://geminicli.com/docs/reference/configuration */
const userDirectory = ({ env, home }: Place): string => join(env.GEMINI_CLI_HOME || home, '.gemini');

const BY_KEY = 'gemini-api-key';
const AUTH = ['security', 'auth', 'selectedType'];

/**
 * A base URL alone makes it choose a way of signing in that it then refuses, and a user who signed in with an account
 * would be sent there: what it wants is one word in its settings. So it gets a home of the session, in which that file is a
 * copy with the word, and everything else is a link to its own. null = the user's own settings say it already.
 */
async function sessionHome(place: Place, dir: string): Promise<readonly SessionFile[] | null> {
  const { get, set, problem } = await loadFormat('json');
  const own = userDirectory(place);
  const settings = textOf(join(own, 'settings.json')) ?? '';
  // What it cannot read itself it shall complain of.
  if (problem(settings) !== null || get(settings, AUTH) === BY_KEY) return null;
  const links = namesIn(own)
    .filter((name) => name !== 'settings.json')
    .map((name) => ({ path: join(dir, '.gemini', name), target: join(own, name) }));
  return [{ path: join(dir, '.gemini', 'settings.json'), text: set(settings, AUTH, BY_KEY) }, ...links];
}

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
  async launch(facts) {
    const { place, dir, headless } = facts;
    const home = await sessionHome(place, dir);
    return {
      env: {
        ...variables(facts),
        // The two would be taken for another way to Google.
        GOOGLE_API_KEY: '',
        GOOGLE_GENAI_USE_VERTEXAI: '',
        ...(home ? { GEMINI_CLI_HOME: dir } : {}),
        // Without anybody to ask it ends in a directory that it does not know.
        ...(headless || hasFlag(facts, '-p', '--prompt') ? { GEMINI_CLI_TRUST_WORKSPACE: 'true' } : {}),
      },
      args: [],
      files: home ?? [],
      how: home
        ? 'settings of its own are linked into a home of this session'
        : 'settings passed in the environment for this session only',
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
          settings: [{ path: AUTH, value: BY_KEY }],
        },
      ],
      fields: [],
      start: 'gemini',
    };
  },
};
