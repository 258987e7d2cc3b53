import { mapToolId, type ToolIdRule } from '../../../pivot/index.ts';
import type { Notes } from './notes.ts';

/** By quirk; the first that applies. Kimi wants its own `functions.name:0` back, so plain ASCII is left alone. */
const RULES: readonly (readonly [quirk: string, rule: ToolIdRule])[] = [
  ['short-tool-ids', { pattern: /^[a-zA-Z0-9]{9}$/, maxLength: 9 }],
  ['tool-ids-40', { pattern: /^[\x21-\x7e]+$/, maxLength: 40 }],
];
const COMMON: ToolIdRule = { pattern: /^[\x21-\x7e]+$/, maxLength: 64 };

/** How ids of tool calls are written for a target. */
export function toolIds(notes: Notes): (id: string) => string {
  const rule = RULES.find(([quirk]) => notes.has(quirk))?.[1] ?? COMMON;
  return (id) => mapToolId(id, rule);
}
