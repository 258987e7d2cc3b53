/** How long a private server waits for its first `run`. */
const FIRST_WITHIN_MS = 20_000;

/** The runs that hold a private server open. */
export interface Attachments {
  /** Counts one more; null = too late, the server is ending. Call what comes back once, when it has gone. */
  attach(): (() => void) | null;
}

/**
 * Counts who is attached. A private server ends with the last of them, or when nobody comes in time; another one only
 * lets them watch.
 */
export function createAttachments(deps: { isPrivate: boolean; ending(): boolean; end(): void }): Attachments {
  let attached = 0;
  const first = deps.isPrivate ? setTimeout(deps.end, FIRST_WITHIN_MS).unref() : undefined;
  return {
    attach() {
      if (deps.ending()) return null;
      attached++;
      clearTimeout(first);
      return () => {
        attached--;
        if (deps.isPrivate && attached === 0) deps.end();
      };
    },
  };
}
