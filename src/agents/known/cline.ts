import type { Agent } from '../types.ts';

export const cline: Agent = {
  id: 'cline',
  name: 'Cline, Roo Code',
  binaries: [],
  install: 'from the marketplace of your editor',
  needsModel: true,
  scopes: ['user'],
  pointers: () => [],
  setup: ({ url, token, model }) => ({
    edits: [],
    fields: [
      { label: 'API Provider', value: 'OpenAI Compatible' },
      { label: 'Base URL', value: `${url}/v1` },
      { label: 'API Key', value: token },
      { label: 'Model ID', value: model ?? 'default' },
    ],
    where: 'Its settings are in the store of your editor: open them there (the gear) and paste these.',
    start: 'your editor',
  }),
};
