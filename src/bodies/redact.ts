import type { KeptBody } from './types.ts';

/** Characters that are kept of one body. */
export const MAX_BODY = 1024 * 1024;

/** Looked at beyond that, so that a secret on the border is seen whole before the text is cut. */
const BORDER = 4096;

/** Bytes of a body that are worth holding on to: what is kept, and the border. */
export const MAX_HELD = MAX_BODY + BORDER;

const SECRET_HEADER = /auth|key|token|cookie|secret|session/i;
const TEXT = /json|text|event-stream|xml|urlencoded/i;
const HIDDEN = '…';

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** Names stay; values of those that carry secrets, and whatever looks like a key in others, do not. */
function plainHeaders(headers: Headers, mask: (text: string) => string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, SECRET_HEADER.test(name) ? HIDDEN : mask(String(value))]],
    ),
  );
}

/**
 * A body as it may lie on a disk.
 * @param bytes its size as it came; `held` may be less
 */
export function keptBody(
  given: { headers: Headers; held: readonly Buffer[]; bytes: number },
  mask: (text: string) => string,
): KeptBody {
  const isText = TEXT.test(String(given.headers['content-type'] ?? 'application/json'));
  const text = isText ? mask(Buffer.concat(given.held).toString('utf8')).slice(0, MAX_BODY) : null;
  return {
    headers: plainHeaders(given.headers, mask),
    text,
    bytes: given.bytes,
    cut: given.bytes > MAX_BODY,
  };
}
