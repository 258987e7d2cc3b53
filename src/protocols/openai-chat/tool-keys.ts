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
  return new Keys();
}

class Keys implements ToolKeys {
  private readonly byIndex = new Map<number, Call>();
  private readonly byId = new Map<string, Call>();
  private count = 0;
  private last: Call | undefined = undefined;

  find(fragment: ToolFragment): { key: string; fresh: boolean } {
    const call = this.known(fragment);
    const fresh = call === undefined || isAnother(call, fragment);
    const found = fresh ? this.open(fragment) : call;
    found.text += fragment.text;
    this.last = found;
    return { key: found.key, fresh };
  }

  private known({ index, id }: ToolFragment): Call | undefined {
    if (typeof index !== 'number') return id === '' ? this.last : this.byId.get(id);
    const call = this.byIndex.get(index);
    return call && id !== '' && call.id !== id ? (this.byId.get(id) ?? call) : call;
  }

  private open(fragment: ToolFragment): Call {
    const call: Call = { key: `call-${this.count++}`, id: fragment.id, name: fragment.name, text: '' };
    if (typeof fragment.index === 'number') this.byIndex.set(fragment.index, call);
    if (call.id !== '') this.byId.set(call.id, call);
    return call;
  }
}

/** A fragment at a known place that begins a call of its own. */
function isAnother(call: Call, { id, name, text }: ToolFragment): boolean {
  if (name === '' || call.name === '') return false;
  if (id !== '') return call.id !== '' && call.id !== id;
  return (name !== call.name || text !== '') && parseJson(call.text) !== undefined;
}
