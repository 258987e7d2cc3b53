import { EXIT, UserError } from '../errors.ts';
import { ownVariable } from './names.ts';

/** Why there is none, where nobody chose to go without. */
const NONE =
  process.platform === 'linux'
    ? 'no Secret Service on D-Bus (usual on servers, containers, WSL)'
    : 'its optional package, keytar, is not installed or cannot be loaded';

/** Error 6: says the two explicit choices; plain text is never a silent fallback. `off` = by UNOROUTER_NO_KEYCHAIN. */
export function noKeychain(provider: string, off = false): UserError {
  return new UserError({
    code: 'no_keychain',
    exit: EXIT.key,
    message: off ? 'the keychain is switched off' : 'this machine has no keychain service',
    why: `${off ? '$UNOROUTER_NO_KEYCHAIN is set' : NONE}; nothing was written`,
    fix: [
      `export ${ownVariable(provider)}=…            this shell only`,
      `{cmd} keys add ${provider} --store file       plain text in keys.yaml, mode 0600`,
    ],
  });
}

/** Error 5. */
export function keychainLocked(): UserError {
  const unlock: Partial<Record<NodeJS.Platform, string>> = { darwin: 'security unlock-keychain' };
  return new UserError({
    code: 'keychain_locked',
    exit: EXIT.key,
    message: 'the keychain is locked',
    why: 'it did not open: no answer in time, or the dialog was closed',
    fix: [
      `${unlock[process.platform] ?? 'unlock it (log in to the desktop session)'}     then try again; running requests are not affected`,
    ],
  });
}

/** What D-Bus and libsecret say when nobody offers the Secret Service. */
const NOBODY = /ServiceUnknown|not provided by any|autolaunch|D-?Bus|could not connect|name has no owner/i;

/** A failed keychain call in our words. Its own words stay here: they may hold what was being stored. */
export function keychainError(error: unknown, provider: string): UserError {
  if (error instanceof UserError) return error;
  const words = error instanceof Error ? error.message : '';
  return NOBODY.test(words) ? noKeychain(provider) : keychainLocked();
}
