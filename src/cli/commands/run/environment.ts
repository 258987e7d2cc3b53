import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** The name of the git repository that a directory is in; null = none. */
export function projectOf(cwd: string): string | null {
  for (let at = cwd; ; at = dirname(at)) {
    if (existsSync(join(at, '.git'))) return basename(at) || null;
    if (dirname(at) === at) return null;
  }
}

const LOOPBACK = '127.0.0.1,localhost,::1';

/**
 * The environment of a command: the caller's, without provider keys that are meant for us alone, and what points it here.
 * A proxy of the user is not used for this machine.
 */
export function environmentFor(
  env: NodeJS.ProcessEnv,
  ours: Readonly<Record<string, string>>,
): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => !/^UNOROUTER_[A-Z0-9_]+_API_KEY$/.test(name));
  const proxied = kept.some(([name, value]) => /^(https?|all)_proxy$/i.test(name) && value);
  const exempt = [env.NO_PROXY || env.no_proxy, LOOPBACK].filter(Boolean).join(',');
  return {
    ...Object.fromEntries(kept),
    ...(proxied ? { NO_PROXY: exempt, no_proxy: exempt } : {}),
    ...ours,
  };
}
