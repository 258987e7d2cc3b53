import { asText } from '../../../pivot/index.ts';

interface Call {
  id: string;
  name: string;
  kind: 'function' | 'custom';
}

/** The tool calls of a conversation, as it is read from its beginning. */
export interface Calls {
  /** The id of the next call: its own, or one by its position. */
  made(id: unknown, name: string, kind: 'function' | 'custom'): string;
  /** What a result says of the call that it answers. */
  answer(id: unknown, name: unknown): { id: string; name?: string; kind: 'function' | 'custom' };
}

/** Creates an empty conversation's calls. */
export function createCalls(): Calls {
  const open: Call[] = [];
  let count = 0;

  return {
    made(id, name, kind) {
      const call = { id: asText(id) ?? `call_${count}`, name, kind };
      count++;
      open.push(call);
      return call.id;
    },
    answer(id, name) {
      const said = asText(id);
      const named = asText(name);
      // A result without an id answers the oldest open call, of its name where it says one.
      const at = open.findIndex((call) =>
        said === undefined ? named === undefined || call.name === named : call.id === said,
      );
      const [call] = at < 0 ? [] : open.splice(at, 1);
      const known = call?.name ?? named;
      return {
        id: call?.id ?? said ?? `call_${count++}`,
        ...(known === undefined ? {} : { name: known }),
        kind: call?.kind ?? 'function',
      };
    },
  };
}
