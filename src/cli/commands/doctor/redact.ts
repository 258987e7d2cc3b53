import { homedir } from 'node:os';
import { readOwned } from '../../../home/index.ts';
import { createKeys, MASKED_VARIABLE, maskText } from '../../../keys/index.ts';
import type { Context } from '../../context.ts';

/** Takes out of a text what nobody else may read. */
export type Redactor = (text: string) => string;

const HIDDEN = '…';
/** Any local token, also one that was renewed since. */
const TOKEN = /uno-[a-z2-7]{26}/g;
/** User name and password in an address: up to its last @, where parsers of addresses look, too. */
const LOGIN = /(\w+:\/\/)[^\s/]*@/g;

/** Knows every key and token of this home and hides them; `~` stands for the user's directory. */
export async function createRedactor({ env, paths }: Context): Promise<Redactor> {
  const keys = createKeys({ paths, env });
  await keys.load();
  const token = env.UNOROUTER_TOKEN || readOwned(paths.tokenFile)?.trim() || '';
  const homes = [...new Set([env.HOME, env.USERPROFILE, homedir()])].filter((one) => one && one !== '/');
  return (text) => {
    const masked = maskText(keys.mask(text), [token])
      .replace(TOKEN, `uno-${HIDDEN}`)
      .replace(LOGIN, `$1${HIDDEN}@`);
    return homes.reduce<string>((said, home) => said.replaceAll(home ?? '', '~'), masked);
  };
}

/** Settings whose values may be secrets whatever they look like. */
const SECRET_SETTING = /^(headers|keys?|auth|token|api[_-]?keys?|password|secret)$/i;
const PLAIN_AUTH: ReadonlySet<unknown> = new Set(['none', 'bearer', 'x-api-key', 'x-goog-api-key']);

/** A parsed configuration with such values hidden and all other texts redacted, before JSON puts backslashes into them. */
export function withoutSecrets(value: unknown, redact: Redactor, secret = false): unknown {
  if (Array.isArray(value)) return value.map((one) => withoutSecrets(one, redact, secret));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(
      Object.entries(value).map(([name, one]) => [
        redact(name),
        withoutSecrets(one, redact, secret || SECRET_SETTING.test(name) || MASKED_VARIABLE.test(name)),
      ]),
    );
  if (secret && !PLAIN_AUTH.has(value)) return HIDDEN;
  return typeof value === 'string' ? withoutQuery(redact(value)) : value;
}

/** An address may carry a key behind `?`. */
function withoutQuery(text: string): string {
  return /^https?:/i.test(text) ? text.replace(/[?#].*$/, `?${HIDDEN}`) : text;
}
