import { chat, gemini, messages, responses, row } from './row.ts';

/** The built-in provider: answers in this process. Its URL only says which transport to take. */
export const DEMO = row({
  id: 'demo',
  name: 'Demo (built in)',
  kind: 'demo',
  surfaces: [
    chat('demo:', 'none'),
    responses('demo:', 'none'),
    messages('demo:', 'none'),
    gemini('demo:', 'none'),
  ],
  modelsUrl: null,
});

/** USD per million tokens, invented: enough to show how a bill is made, never part of one. */
const PRICE = { input: 1, output: 4, cacheRead: 0.1, cacheWrite: 1.25, cacheWrite1h: 2 };

/** The demo models (`src/demo/models.ts` plays them). */
export const DEMO_MODELS = [
  { id: 'echo', reasoning: false, price: { ...PRICE, input: 0.1, output: 0.4 } },
  { id: 'coder', reasoning: false, price: PRICE },
  { id: 'reasoner', reasoning: true, price: { ...PRICE, input: 2, output: 8 } },
  { id: 'cached', reasoning: false, price: PRICE },
  { id: 'flaky', reasoning: false, price: PRICE },
  { id: 'down', reasoning: false, price: PRICE },
] as const;
