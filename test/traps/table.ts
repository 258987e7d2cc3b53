import { it } from 'vitest';

/**
 * What goes wrong between the wires when nobody looks, and what must come of it instead: a row a trap. Each has at
 * least one test of its name (`trap('id', ...)`), and `table.test.ts` fails for a row without one.
 */
export const TRAPS = {
  // Thoughts
  'reasoning-first':
    'Thoughts that open a Chat stream are a thinking block of their own, closed before any text.',
  'signature-exact': 'A signature leaves byte for byte as it came, as the last thing of its block.',
  'foreign-history':
    'What another family sealed leaves the history in every form it has, and what is left is still a legal turn.',
  'gemini-signature':
    'A signed Gemini call that went through a client of another wire has its signature on the same part again.',
  'reasoning-content-back':
    'Models that must see their thoughts beside their calls see them again; the others do not.',

  // Calls and results
  'interleaved-fragments':
    'Pieces of several calls that come mixed are one block a call, opened and closed once.',
  'parallel-indexes': 'Each of several calls keeps one index of its own in all Chat chunks.',
  'tool-ids':
    'An id that the target refuses is mapped the same way on call and result, never onto another one; good ids stay.',
  'image-in-result': 'A picture that a tool gave is shown after all results, which say where it is.',
  'custom-grammar':
    'A free-text tool is a function with one text for the others, and itself again for its client.',
  'empty-parts':
    'Empty texts are left out, empty results say that they are empty, and no arguments are `{}`.',
  'tool-choice': 'Which tool must be called, and whether several may be, is said in the words of each wire.',
  'stop-with-calls': 'An answer that holds calls ends because of them, whatever the provider says.',
  'server-tools': 'A tool that the provider shall run goes to no provider without it, and that is told.',

  // What requests carry
  'server-ids':
    'Ids that one server gave go to no other, while calls keep theirs, and `store` is left alone.',
  'gemini-schema':
    'A schema loses only what Gemini cannot say, which its description tells; names are no keywords.',
  limits:
    'Lengths, chance and thinking budgets are renamed, dropped or clamped as the model takes them, and told.',
  'unknown-fields':
    'A field that is younger than this program passes where client and provider speak one protocol.',

  // What answers carry
  usage: 'Tokens of the cache count once, whichever way the wire counts.',
  'context-overflow':
    'A conversation that has grown too long is refused in the words by which each client shortens it.',
  'error-event': 'An error in the middle of a stream ends it with the failure that the client understands.',

  // What clients send that surprises
  'claude-code':
    'What Claude Code says to Anthropic alone stays there, and system text in the middle stays in the middle.',
  'tool-reference':
    'A tool that was found by searching is offered, and the words behind its result are kept.',
  codex:
    'Tools that stand inside the conversation are offered, and calls come back with the namespace that they had.',
  'gemini-cli':
    'Schemas of both dialects are one, words that only Google understands stay with it, two turns are one.',
  'odd-chat': 'Roles, parts and calls as the many clients of Chat write them are understood, or left out.',

  // What breaks a client when it is missing
  'messages-frames':
    'A Messages stream begins with counts, has only the events that clients know, and both its ends.',
  'responses-frames':
    'A Responses stream announces and ends every item, and its one last event holds all of them.',
  'gemini-frames': 'A Gemini stream has no comments and says why it ended.',
  'chat-frames':
    'A Chat stream numbers and names its calls, says why it ended, and counts in its last chunk alone.',
} as const satisfies Record<string, string>;

/** The id of a row. */
export type TrapId = keyof typeof TRAPS;

/** A test of one row. */
export function trap(id: TrapId, claim: string, run: () => void | Promise<void>): void {
  it(`${id}: ${claim}`, run);
}
