import type { Exchange } from '../../../exchange.ts';
import { servedNames } from '../../render/log/served.ts';

/** Shows the served model: with its provider in front when that is not the maker. */
export type Served = (provider: string, model: string) => string;

/** By the built-in providers; one that only the configuration knows resells. */
export async function builtinNames(): Promise<Served> {
  const { createCatalog } = await import('../../../catalog/index.ts');
  return servedNames(createCatalog().provider);
}

/** `asked → served`, as short as it is true: only the provider where the model is the one that was asked for. */
export function askedAndServed(x: Exchange, served: Served, arrow: string): string {
  const { asked, provider, model } = x;
  if (provider === null || model === null || asked === `${provider}/${model}`) return asked;
  return `${asked} ${arrow} ${asked === model ? provider : served(provider, model)}`;
}
