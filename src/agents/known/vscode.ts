import type { Agent } from '../types.ts';
import { chosenModel, USUAL_CONTEXT, USUAL_OUTPUT } from './shared.ts';

/** https://code.visualstudio.com/docs/copilot/customization/language-models: it puts a key into its own secret store. */
export const vscode: Agent = {
  id: 'vscode',
  name: 'VS Code chat',
  binaries: [],
  install: 'https://code.visualstudio.com',
  needsModel: true,
  scopes: ['user'],
  pointers: () => [],
  setup(connection) {
    const { url, token, model } = connection;
    const known = chosenModel(connection);
    return {
      edits: [],
      fields: [
        { label: 'Provider', value: 'Custom Endpoint' },
        { label: 'Group name', value: 'unorouter' },
        { label: 'API key', value: token },
        { label: 'API type', value: 'chat-completions' },
        { label: 'URL', value: `${url}/v1` },
        { label: 'Model id', value: model ?? 'default' },
        { label: 'Max input', value: String(known?.context ?? USUAL_CONTEXT) },
        { label: 'Max output', value: String(known?.output ?? USUAL_OUTPUT) },
      ],
      where:
        'VS Code takes the key only in its own window: Chat: Manage Language Models, Add, Custom Endpoint.',
      start: 'VS Code, and choose the model in the chat',
    };
  },
};
