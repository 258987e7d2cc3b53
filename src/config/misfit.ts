/** A mistake that no single value shows: where it stands, in words, and what to do. */
export interface Misfit {
  path: readonly PropertyKey[];
  message: string;
  hint?: string;
}

/** `providers.acme.url`, `routes[0].to`. */
export const pathText = (path: readonly PropertyKey[]): string =>
  path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`))
    .join('')
    .replace(/^\./, '');
