import { randomBytes } from 'node:crypto';

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const TIME_CHARACTERS = 10;
const RANDOM_CHARACTERS = 16;

/** ms since 1970 at which an id was made; also of a text that only begins with one. */
export function timeOfUlid(id: string): number {
  return [...id.slice(0, TIME_CHARACTERS)].reduce((time, digit) => time * 32 + ALPHABET.indexOf(digit), 0);
}

/** Random bytes are drawn for so many ids at once: each draw costs more than an id. */
const POOL_IDS = 64;

/**
 * Creates a generator of ULIDs (https://github.com/ulid/spec): 48 bits of time and 80 random bits in Crockford's base
 * 32, so that ids sort by time. Within one millisecond the random part counts up.
 */
export function createUlid(now: () => number = Date.now): () => string {
  let lastTime = -1;
  let prefix = '';
  const random = new Uint8Array(RANDOM_CHARACTERS);
  let pool = new Uint8Array();
  let used = 0;

  function draw(): void {
    if (used === pool.length) {
      pool = randomBytes(POOL_IDS * RANDOM_CHARACTERS);
      used = 0;
    }
    for (let i = 0; i < RANDOM_CHARACTERS; i++) random[i] = (pool[used++] ?? 0) & 31;
  }

  function countUp(): void {
    for (let i = random.length - 1; i >= 0; i--) {
      const digit = (random[i] ?? 0) + 1;
      random[i] = digit % 32;
      if (digit < 32) return;
    }
  }

  return () => {
    const time = Math.max(now(), lastTime);
    if (time === lastTime) countUp();
    else {
      draw();
      prefix = encodeTime(time);
      lastTime = time;
    }
    let id = prefix;
    for (const digit of random) id += ALPHABET[digit];
    return id;
  };
}

function encodeTime(time: number): string {
  let text = '';
  for (let i = 0, rest = time; i < TIME_CHARACTERS; i++, rest = Math.floor(rest / 32))
    text = `${ALPHABET[rest % 32]}${text}`;
  return text;
}
