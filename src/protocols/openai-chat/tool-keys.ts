import { parseJson } from '../../pivot/index.ts';

/** A fragment of a tool call, reduced to what tells it from others. */
export interface ToolFragment {
  index: unknown;
  id: string;
  name: string;
  text: string;
}

/** Finds the call that a fragment belongs to. Keys are unique within one answer. */
export interface ToolKeys {
  find(fragment: ToolFragment): { key: string; fresh: boolean };
}

interface Call {
  key: string;
  id: string;
  name: string;
  /** Arguments so far: complete ones end a call that has neither index nor id to tell it from the next. */
  text: string;
}

/**
 * Servers tell parallel calls apart by index (the wire's own way), by id with every index 0 or missing, or by nothing
 * but a name in front of complete arguments. Ids and names may be repeated on every fragment.
 */
export function createToolKeys(): ToolKeys {
  const byIndex = new Map<number, Call>();
  const byId = new Map<string, Call>();
  let count = 0;
  let last: Call | undefined;

  function known({ index, id }: ToolFragment): Call | undefined {
    if (typeof index !== 'number') return id === '' ? last : byId.get(id);
    const call = byIndex.get(index);
    return call && id !== '' && call.id !== id ? (byId.get(id) ?? call) : call;
  }

  function open(fragment: ToolFragment): Call {
    const call: Call = { key: `call-${count++}`, id: fragment.id, name: fragment.name, text: '' };
    if (typeof fragment.index === 'number') byIndex.set(fragment.index, call);
    if (call.id !== '') byId.set(call.id, call);
    return call;
  }

  return {
    find(fragment) {
      const call = known(fragment);
      const fresh = call === undefined || isAnother(call, fragment);
      last = fresh ? open(fragment) : call;
      last.text += fragment.text;
      return { key: last.key, fresh };
    },
  };
}

/** A fragment at a known place that begins a call of its own. */
function isAnother(call: Call, { id, name, text }: ToolFragment): boolean {
  if (name === '' || call.name === '') return false;
  if (id !== '') return call.id !== '' && call.id !== id;
  return (name !== call.name || text !== '') && parseJson(call.text) !== undefined;
}
