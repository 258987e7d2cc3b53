import type { Provider } from '../../../catalog/index.ts';
import type { RowContext } from './columns.ts';

/** Names of served models: the provider stands in front when it is not the maker, as in `openrouter/glm-4.6`. */
export function servedNames(provider: (id: string) => Provider | undefined): RowContext['served'] {
  return (id, model) => (provider(id)?.kind === 'maker' ? model : `${id}/${model}`);
}
