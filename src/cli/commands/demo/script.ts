/** One request of the show. */
export interface Scene {
  /** When, as a share of the whole length. */
  at: number;
  agent: string;
  project: string;
  path: string;
  body: Readonly<Record<string, unknown>>;
}

type Say = (model: string, text: string) => Pick<Scene, 'path' | 'body'>;

const SYSTEM =
  'You are a coding agent. You read files, change them and run the tests until they pass. '.repeat(40);

const messages: Say = (model, text) => ({
  path: '/v1/messages',
  body: {
    model,
    max_tokens: 1_000,
    stream: true,
    system: SYSTEM,
    messages: [{ role: 'user', content: text }],
  },
});
const responses: Say = (model, text) => ({
  path: '/v1/responses',
  body: { model, stream: true, instructions: SYSTEM, input: text },
});
const chat: Say = (model, text) => ({
  path: '/v1/chat/completions',
  body: {
    model,
    stream: true,
    messages: [
      { role: 'system', content: SYSTEM },
      { role: 'user', content: text },
    ],
  },
});

const AGENTS = {
  claude: { project: 'api', say: messages },
  codex: { project: 'web', say: responses },
  aider: { project: 'docs', say: chat },
} as const;

const scene = (at: number, agent: keyof typeof AGENTS, model: string, text: string): Scene => {
  const { project, say } = AGENTS[agent];
  return { at, agent, project, ...say(model, text) };
};

/** The name that falls back: its first model is always down. */
export const STURDY = 'sturdy';

/** Settings of the show's own server. */
export const DEMO_CONFIG = `aliases:\n  ${STURDY}: [demo/down, demo/coder]\ncatalog: { refresh: false }\n`;

/** Asked again and again: that is what a prompt cache is for. */
const SAME = 'Read src/login.ts and tell me what it does.';

/** Three agents at work: plain answers, thinking, a prompt cache, a retry, a fallback. */
export const SCENES: readonly Scene[] = [
  scene(0, 'claude', 'demo/coder', 'Where is the login handled?'),
  scene(0.06, 'codex', 'demo/reasoner', 'Why does this test fail on Mondays?'),
  scene(0.12, 'claude', 'demo/cached', SAME),
  scene(0.2, 'aider', 'demo/echo', 'Write one sentence about this project for the README.'),
  scene(0.26, 'claude', 'demo/cached', SAME),
  scene(0.34, 'codex', 'demo/flaky', 'Rename the function everywhere.'),
  scene(0.42, 'claude', 'demo/cached', SAME),
  scene(0.48, 'aider', 'demo/reasoner', 'Which of these two headings is better?'),
  scene(0.56, 'codex', STURDY, 'Summarise what has changed.'),
  scene(0.64, 'claude', 'demo/cached', SAME),
  scene(0.7, 'codex', 'demo/coder', 'Write the commit message.'),
  scene(0.78, 'aider', 'demo/echo', 'Shorter, please.'),
  scene(0.86, 'claude', 'demo/cached', SAME),
  scene(0.94, 'codex', 'demo/coder', 'Thank you.'),
];
