import type { Auth, Provider, ProviderKind, Quirk, Surface } from '../types.ts';

/** What a row says; the rest follows from it. */
interface RowFacts {
  id: string;
  name: string;
  kind: ProviderKind;
  /** In order of preference. The list of models takes the key the way the first one does. */
  surfaces: readonly Surface[];
  env?: readonly string[];
  keyPage?: string;
  pricesId?: string;
  plan?: true;
  modelsUrl: string | null;
  quirks?: readonly Quirk[];
}

/** A Chat Completions surface. */
export const chat = (url: string, auth: Auth = 'bearer'): Surface => ({ protocol: 'openai-chat', url, auth });

/** A Responses surface. */
export const responses = (url: string, auth: Auth = 'bearer'): Surface => ({
  protocol: 'openai-responses',
  url,
  auth,
});

/** A Messages surface. Who wants `x-api-key` says so: most that are not Anthropic take Bearer, some nothing else. */
export const messages = (url: string, auth: Auth = 'bearer'): Surface => ({
  protocol: 'anthropic-messages',
  url,
  auth,
});

/** A generateContent surface. */
export const gemini = (url: string, auth: Auth = 'bearer'): Surface => ({ protocol: 'gemini', url, auth });

/** The distinct web origins of surfaces; those without one (`demo:`) are left out. */
export function originsOf(surfaces: readonly Surface[]): string[] {
  const origins = surfaces.map(({ url }) => new URL(url).origin).filter((origin) => origin !== 'null');
  return [...new Set(origins)];
}

/** Clients of Messages tell Anthropic who they are; whoever else speaks it need not know. */
function userIdQuirk({ id, surfaces }: RowFacts): Quirk[] {
  const speaks = surfaces.some(({ protocol }) => protocol === 'anthropic-messages');
  return speaks && id !== 'anthropic' && id !== 'demo' ? ['no-user-id'] : [];
}

/** A complete built-in row. */
export function row(facts: RowFacts): Provider {
  return {
    id: facts.id,
    name: facts.name,
    kind: facts.kind,
    surfaces: facts.surfaces,
    env: facts.env ?? [],
    keyPage: facts.keyPage ?? null,
    pricesId: facts.pricesId ?? null,
    ...(facts.plan ? { plan: true } : {}),
    modelsUrl: facts.modelsUrl,
    quirks: [...(facts.quirks ?? []), ...userIdQuirk(facts)],
    headers: {},
    enabled: true,
    builtin: true,
    builtinOrigins: originsOf(facts.surfaces),
  };
}
