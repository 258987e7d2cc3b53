/** A call of the history that still waits for its response. */
interface Open {
  id: string;
  name: string;
  /** The wire had no id for it. */
  ours: boolean;
}

/** Gives calls and their responses one id: on this wire both may come without any, or only one of them. */
export interface CallIds {
  /** The id of the call that stands at this place (nth call of a content). */
  call(said: string, name: string, turn: number, n: number): string;
  /** The id and name of the call that a response answers: by its id, else the oldest open call of its name. */
  response(said: string, name: string, turn: number, n: number): { id: string; name: string };
}

/** Creates the ids of one conversation. They come from places alone: the same conversation has the same ids. */
export function createCallIds(): CallIds {
  const open: Open[] = [];

  function find(said: string, name: string): number {
    const byId = said === '' ? -1 : open.findIndex(({ id }) => id === said);
    if (byId >= 0) return byId;
    return open.findIndex((one) => one.name === name && (one.ours || said === ''));
  }

  return {
    call(said, name, turn, n) {
      const id = said === '' ? `call_${turn}_${n}` : said;
      open.push({ id, name, ours: said === '' });
      return id;
    },
    response(said, name, turn, n) {
      const at = find(said, name);
      const [call] = at < 0 ? [] : open.splice(at, 1);
      return call ? { id: call.id, name: call.name } : { id: said === '' ? `call_${turn}_${n}` : said, name };
    },
  };
}
