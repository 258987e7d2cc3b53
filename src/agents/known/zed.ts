import { join } from 'node:path';
import type { Agent, Place } from '../types.ts';
import { USUAL_CONTEXT, USUAL_OUTPUT } from './shared.ts';

/** https://zed.dev/docs/ai/use-api-access: the key is kept in the keychain, the rest in its settings. */
function userFile({ env, home, platform }: Place): string {
  if (platform === 'win32')
    return join(env.APPDATA || join(home, 'AppData', 'Roaming'), 'Zed', 'settings.json');
  const base = platform === 'darwin' ? undefined : env.XDG_CONFIG_HOME;
  return join(base || join(home, '.config'), 'zed', 'settings.json');
}

const PROVIDER = ['language_models', 'openai_compatible', 'unorouter'];

export const zed: Agent = {
  id: 'zed',
  name: 'Zed',
  binaries: ['zed', 'zeditor'],
  install: 'https://zed.dev/download',
  needsModel: true,
  scopes: ['user'],
  pointers: (place) => [{ file: userFile(place), format: 'json', path: [...PROVIDER, 'api_url'] }],
  setup({ url, token, models }, place) {
    const value = {
      api_url: `${url}/v1`,
      available_models: models.map(({ id, context, output, images }) => ({
        name: id,
        display_name: id,
        max_tokens: context ?? USUAL_CONTEXT,
        max_output_tokens: output ?? USUAL_OUTPUT,
        capabilities: { tools: true, images },
      })),
    };
    return {
      edits: [{ file: userFile(place), format: 'json', settings: [{ path: PROVIDER, value }] }],
      fields: [{ label: 'API key', value: token }],
      where: 'Zed keeps the key in the keychain: agent: open settings, LLM providers, unorouter.',
      start: 'Zed, and choose a model of unorouter in the agent panel',
    };
  },
};
