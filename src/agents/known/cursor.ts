import type { Agent } from '../types.ts';

export const cursor: Agent = {
  id: 'cursor',
  name: 'Cursor',
  binaries: ['cursor', 'cursor-agent'],
  install: 'https://cursor.com',
  needsModel: true,
  scopes: [],
  pointers: () => [],
  refusal: {
    why: "Cursor's own servers call the model and block private addresses (ssrf_blocked)",
    instead: 'use claude, codex, opencode, cline, aider …; a public tunnel would expose your budget',
  },
};
