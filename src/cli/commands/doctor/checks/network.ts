import { existsSync } from 'node:fs';
import { deleteIn, editConfig } from '../../../../config/index.ts';
import type { Context } from '../../../context.ts';
import { type Facts, type Finding, ok } from '../finding.ts';
import { listens } from './address.ts';

const VARIABLES = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy'];

/** A proxy that is not there makes every provider unreachable. */
export async function proxies({ context, config }: Facts): Promise<Finding[]> {
  const { env } = context;
  const configured = config?.network.proxy ?? null;
  if (configured === 'none') return [ok('no proxy, as configured')];
  const named = VARIABLES.map((name) => ({ what: `$${name}`, url: env[name] ?? '' }));
  const used = configured === null ? named : [{ what: 'network.proxy', url: configured }];
  const given = used.filter(({ url }) => url !== '');
  if (given.length === 0) return [ok('no proxy')];
  const findings = await Promise.all(given.map(proxyFinding));
  return findings.map((one) =>
    one.state === 'bad' && configured !== null ? { ...one, repair: unsetter(context, 'proxy') } : one,
  );
}

/** Takes a setting of `network` out of the configuration. */
const unsetter = (context: Context, name: 'proxy' | 'ca') => async (): Promise<string> => {
  await editConfig(context.paths.configFile, (source) => deleteIn(source, ['network', name]));
  return `network.${name} is no longer set`;
};

/** The address without user name and password. */
async function proxyFinding({ what, url }: { what: string; url: string }): Promise<Finding> {
  const fix = what.startsWith('$')
    ? `unset ${what.slice(1)}     or  {cmd} config set network.proxy none`
    : '{cmd} config unset network.proxy';
  if (!URL.canParse(url)) return { state: 'bad', text: `${what} is not a URL`, fix };
  const { hostname, port, protocol } = new URL(url);
  const number = Number(port) || (protocol === 'https:' ? 443 : 80);
  const shown = `${what} (${hostname}:${number})`;
  if (await listens(hostname.replace(/^\[|\]$/g, ''), number))
    return ok(`${shown} is used for providers, and answers`);
  return { state: 'bad', text: `${shown} is used for providers, and nothing listens there`, fix };
}

/** Settings that switch the check of certificates off, or name files that are not there. */
export function certificates({ context, config }: Facts): Finding[] {
  const { env } = context;
  const off = env.NODE_TLS_REJECT_UNAUTHORIZED === '0';
  const files = [
    { what: '$NODE_EXTRA_CA_CERTS', file: env.NODE_EXTRA_CA_CERTS, fix: 'unset NODE_EXTRA_CA_CERTS' },
    { what: 'network.ca', file: config?.network.ca ?? undefined, fix: '{cmd} config unset network.ca' },
  ];
  const missing = files.filter(({ file }) => file && !existsSync(file));
  const findings: Finding[] = [
    ...(off
      ? [
          {
            state: 'bad' as const,
            text: '$NODE_TLS_REJECT_UNAUTHORIZED=0: certificates are not checked',
            why: 'whoever sits between you and a provider can read your keys and prompts',
            fix: 'unset NODE_TLS_REJECT_UNAUTHORIZED     a company proxy: NODE_EXTRA_CA_CERTS=/path/ca.pem',
          },
        ]
      : []),
    ...missing.map(({ what, file, fix }) => ({
      state: 'bad' as const,
      text: `${what}: there is no ${file}`,
      fix,
      ...(what === 'network.ca' ? { repair: unsetter(context, 'ca') } : {}),
    })),
  ];
  return findings.length > 0 ? findings : [ok('certificates are checked')];
}
