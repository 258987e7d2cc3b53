import { join } from 'node:path';
import type { Agent, Connection, Place, Pointer, Scope } from '../types.ts';
import { chosenModel, USUAL_CONTEXT } from './shared.ts';

/** https://code.claude.com/docs/en/settings: managed, flag, local project, project and user settings, in this order. */
const userFile = ({ env, home }: Place): string =>
  join(env.CLAUDE_CONFIG_DIR || join(home, '.claude'), 'settings.json');

/** The local file of the project is not committed: it is the one that may hold a token. */
const projectFile = ({ cwd }: Place): string => join(cwd, '.claude', 'settings.local.json');

const BASE_URL = ['env', 'ANTHROPIC_BASE_URL'];

function managedFile({ platform }: Place): string {
  if (platform === 'darwin') return '/Library/Application Support/ClaudeCode/managed-settings.json';
  if (platform === 'win32') return 'C:\\Program Files\\ClaudeCode\\managed-settings.json';
  return '/etc/claude-code/managed-settings.json';
}

/** What its `env` block says. An API key of the shell would be sent instead of the token, so it is set to nothing. */
function variables(connection: Connection): Record<string, string> {
  const { url, token, model, small } = connection;
  return {
    ANTHROPIC_BASE_URL: url,
    ANTHROPIC_AUTH_TOKEN: token,
    ANTHROPIC_API_KEY: '',
    // It asks the server for its list of models, which a base URL of its own does not make it do.
    CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY: '1',
    ...(model === null
      ? {}
      : {
          ANTHROPIC_MODEL: model,
          ANTHROPIC_DEFAULT_OPUS_MODEL: model,
          ANTHROPIC_DEFAULT_SONNET_MODEL: model,
          ANTHROPIC_DEFAULT_HAIKU_MODEL: small ?? model,
          // It knows the windows of its maker's models, and takes a million tokens for any other.
          ...(model.includes('claude')
            ? {}
            : {
                CLAUDE_CODE_MAX_CONTEXT_TOKENS: String(chosenModel(connection)?.context ?? USUAL_CONTEXT),
              }),
        }),
  };
}

export const claude: Agent = {
  id: 'claude',
  name: 'Claude Code',
  binaries: ['claude'],
  install: 'npm i -g @anthropic-ai/claude-code',
  needsModel: false,
  scopes: ['user', 'project'],
  pointers(place): Pointer[] {
    const files = [
      managedFile(place),
      projectFile(place),
      join(place.cwd, '.claude', 'settings.json'),
      userFile(place),
    ];
    return [
      ...files.map((file) => ({ file, format: 'json' as const, path: BASE_URL })),
      { file: null, format: 'env', path: ['ANTHROPIC_BASE_URL'] },
    ];
  },
  launch(facts) {
    const path = join(facts.dir, 'settings.json');
    const env = variables(facts);
    return {
      // Its own files beat the environment; a file that is named on the command line beats them.
      env,
      args: ['--settings', path],
      files: [{ path, text: `${JSON.stringify({ env }, null, 2)}\n` }],
      how: 'settings passed with --settings for this session only',
    };
  },
  setup(connection, place, scope: Scope) {
    const settings = Object.entries(variables(connection)).map(([name, value]) => ({
      path: ['env', name],
      value,
    }));
    const file = scope === 'project' ? projectFile(place) : userFile(place);
    return { edits: [{ file, format: 'json', settings }], fields: [], start: 'claude' };
  },
};
