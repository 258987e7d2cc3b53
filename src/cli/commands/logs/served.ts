import type { Exchange } from '../../../exchange.ts';

/** Shows the served model: with its provider in front when that is not the maker. */
export type Served = (provider: string, model: string) => string;

/** By the built-in providers; one that only the configuration knows resells. */
export async function servedNames(): Promise<Served> {
  const { createCatalog } = await import('../../../catalog/index.ts');
  const catalog = createCatalog();
  return (provider, model) => (catalog.provider(provider)?.kind === 'maker' ? model : `${provider}/${model}`);
}

/** `asked → served`, as short as it is true: only the provider where the model is the one that was asked for. */
export function askedAndServed(x: Exchange, served: Served, arrow: string): string {
  const { asked, provider, model } = x;
  if (provider === null || model === null || asked === `${provider}/${model}`) return asked;
  return `${asked} ${arrow} ${asked === model ? provider : served(provider, model)}`;
}
