import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { dirname } from 'node:path';
import { ensurePrivateDir, readOwned, writePrivate } from './files.ts';
import type { HomePaths } from './types.ts';

const PREFIX = 'uno-';
const LENGTH = 26;
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';
/** One of ours, as it begins. */
const GENERATED = /^uno-[a-z2-7]{26}(?=\.|$)/;

/** A new local token: `uno-` and 26 base32 characters (130 bits). */
export function newToken(random: (size: number) => Buffer = randomBytes): string {
  return PREFIX + [...random(LENGTH)].map((byte) => ALPHABET[byte & 31]).join('');
}

/** The token of this home: `UNOROUTER_TOKEN`, else the one in its file, else a new one that is written there. */
export function loadToken(
  paths: HomePaths,
  env: NodeJS.ProcessEnv,
): { token: string; source: 'environment' | 'file' } {
  if (env.UNOROUTER_TOKEN) return { token: env.UNOROUTER_TOKEN, source: 'environment' };
  const known = readOwned(paths.tokenFile)?.trim();
  return { token: known || rotateToken(paths), source: 'file' };
}

/** Replaces the token in its file and answers the new one. */
export function rotateToken(paths: HomePaths): string {
  ensurePrivateDir(dirname(paths.tokenFile));
  const token = newToken();
  writePrivate(paths.tokenFile, `${token}\n`);
  return token;
}

/**
 * The token with names that its requests are booked under. A token that carries names already (it came from a `run`)
 * gets new ones; one that a user made up may hold dots, and is left whole.
 */
export function labelToken(token: string, agent: string, project: string | null): string {
  const own = GENERATED.exec(token)?.[0] ?? token;
  // encodeURIComponent leaves dots alone, and a dot parts the names.
  const parts = [agent, ...(project === null ? [] : [project])];
  return own + parts.map((part) => `.${encodeURIComponent(part).replaceAll('.', '%2E')}`).join('');
}

/** A token as a client shows it, taken apart: `uno-<secret>.<agent>.<project>`, the last two percent-encoded. */
export interface PresentedToken {
  token: string;
  agent: string | null;
  project: string | null;
}

const MAX_LABEL = 100;

function label(part: string | undefined): string | null {
  if (!part) return null;
  try {
    return decodeURIComponent(part).slice(0, MAX_LABEL) || null;
  } catch {
    // A label with a broken escape is no label; the secret in front of it decides alone.
    return null;
  }
}

/** Takes a presented token apart. A token without a label has neither agent nor project. */
export function parseToken(presented: string): PresentedToken {
  const [token = '', agent, project] = presented.split('.');
  return { token, agent: label(agent), project: label(project) };
}

/** What a check answers. Names are null when the token is wrong. */
export interface TokenVerdict {
  ok: boolean;
  agent: string | null;
  project: string | null;
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Compares digests in constant time, so that a wrong token says nothing about the right one. A token may itself hold dots. */
export function createTokenCheck(token: string): (presented: string | undefined) => TokenVerdict {
  const right = digest(token);
  return (presented) => {
    if (presented === undefined) return { ok: false, agent: null, project: null };
    const whole = timingSafeEqual(digest(presented), right);
    const parsed = parseToken(presented);
    const ok = timingSafeEqual(digest(parsed.token), right) || whole;
    return ok
      ? { ok, agent: whole ? null : parsed.agent, project: whole ? null : parsed.project }
      : { ok, agent: null, project: null };
  };
}
