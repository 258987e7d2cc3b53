import type { Provider } from '../../../catalog/index.ts';
import { EXIT, UserError } from '../../../errors.ts';
import { maskKey } from '../../../keys/index.ts';
import type { Probe } from './probe.ts';

type Bad = Extract<Probe, { kind: 'refused' | 'failed' }>;

/** Errors 3, 4, 9 and 10, by what a provider said to a key. `fix` comes first among the fixes of a refusal. */
export function probeError(provider: Provider, key: string, bad: Bad, fix: string): UserError {
  if (bad.kind === 'refused')
    return new UserError({
      code: 'key_refused',
      exit: EXIT.key,
      message: `${provider.id} refused the key ${maskKey(key)}`,
      why: bad.words,
      fix: [
        fix,
        // Keys with few rights work for requests and may still not list models.
        ...(bad.status === 403
          ? [`{cmd} keys add ${provider.id} --no-test     if it may not list models`]
          : []),
      ],
    });
  if (bad.reason === 'billing') return noCredit(provider, bad.words);
  const host = URL.canParse(provider.modelsUrl ?? '') ? new URL(provider.modelsUrl ?? '').host : provider.id;
  if (bad.reason === 'tls')
    return new UserError({
      code: 'tls_untrusted',
      exit: EXIT.upstream,
      message: `${host}: the TLS certificate is not trusted`,
      why: bad.words,
      fix: [`NODE_EXTRA_CA_CERTS=/path/ca.pem {cmd} keys test ${provider.id}`],
    });
  const answered = bad.reason === 'status' || bad.reason === 'malformed';
  return new UserError({
    code: answered ? 'upstream_malformed' : 'upstream_unreachable',
    exit: EXIT.upstream,
    message: answered ? `${host} does not say whether the key is good` : `cannot reach ${host}`,
    why: bad.words,
    fix: [`{cmd} keys test ${provider.id}     later`],
  });
}

/** Error 4. */
function noCredit({ id, keyPage }: Provider, words: string): UserError {
  const account = keyPage !== null && URL.canParse(keyPage) ? new URL(keyPage).origin : 'its website';
  return new UserError({
    code: 'upstream_billing',
    exit: EXIT.upstream,
    message: `${id}: the account has no credit`,
    why: words,
    fix: [
      `top up at ${account}`,
      `or let others serve its models: {cmd} config set fallbacks.${id} <provider>`,
    ],
  });
}
