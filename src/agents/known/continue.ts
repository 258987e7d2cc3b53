import { join } from 'node:path';
import type { Agent } from '../types.ts';
import { chosenModel, USUAL_CONTEXT } from './shared.ts';

/** https://docs.continue.dev/reference: what lies in `models/` is added to every configuration, so a file of ours is enough. */
export const continueDev: Agent = {
  id: 'continue',
  name: 'Continue',
  binaries: ['cn'],
  install: 'from the marketplace of your editor',
  needsModel: true,
  scopes: ['user'],
  pointers: ({ home }) => [
    {
      file: join(home, '.continue', 'models', 'unorouter.yaml'),
      format: 'yaml',
      path: ['models', '0', 'apiBase'],
    },
  ],
  setup(connection, { home }) {
    const { url, token, model } = connection;
    const text = [
      'name: unorouter',
      'version: 0.0.1',
      'schema: v1',
      'models:',
      '  - name: unorouter',
      '    provider: openai',
      `    model: ${JSON.stringify(model)}`,
      `    apiBase: ${url}/v1`,
      `    apiKey: ${JSON.stringify(token)}`,
      '    roles: [chat, edit, apply]',
      '    capabilities: [tool_use]',
      '    defaultCompletionOptions:',
      `      contextLength: ${chosenModel(connection)?.context ?? USUAL_CONTEXT}`,
      '',
    ].join('\n');
    const file = join(home, '.continue', 'models', 'unorouter.yaml');
    return {
      edits: [{ file, format: 'lines', settings: [], text }],
      fields: [],
      start: 'Continue in your editor, and choose the model "unorouter"',
    };
  },
};
