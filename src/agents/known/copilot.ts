import type { Agent, Connection } from '../types.ts';
import { chosenModel, USUAL_CONTEXT, USUAL_OUTPUT } from './shared.ts';

/** https://docs.github.com/en/copilot/how-tos/copilot-cli/customize-copilot/use-byok-models: the environment only. */
function variables(connection: Connection): Record<string, string> {
  const { url, token, model } = connection;
  const known = chosenModel(connection);
  return {
    COPILOT_PROVIDER_TYPE: 'openai',
    COPILOT_PROVIDER_BASE_URL: `${url}/v1`,
    COPILOT_PROVIDER_API_KEY: token,
    ...(model === null ? {} : { COPILOT_MODEL: model }),
    COPILOT_PROVIDER_MAX_PROMPT_TOKENS: String(known?.context ?? USUAL_CONTEXT),
    COPILOT_PROVIDER_MAX_OUTPUT_TOKENS: String(known?.output ?? USUAL_OUTPUT),
  };
}

export const copilot: Agent = {
  id: 'copilot',
  name: 'Copilot CLI',
  binaries: ['copilot'],
  install: 'npm i -g @github/copilot',
  needsModel: true,
  scopes: ['user'],
  pointers: () => [{ file: null, format: 'env', path: ['COPILOT_PROVIDER_BASE_URL'] }],
  launch: (facts) => ({
    env: variables(facts),
    args: [],
    files: [],
    how: 'settings passed in the environment for this session only',
  }),
  setup: (connection) => ({
    edits: [],
    fields: Object.entries(variables(connection)).map(([label, value]) => ({ label, value })),
    where: 'Copilot CLI keeps this in no file: set these variables where your shell starts.',
    start: 'copilot',
  }),
};
