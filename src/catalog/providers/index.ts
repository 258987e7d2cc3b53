import type { Provider } from '../types.ts';
import { DEMO } from './demo.ts';
import { GATEWAYS } from './gateways.ts';
import { HOSTS } from './hosts.ts';
import { LOCAL } from './local.ts';
import { MAKERS } from './makers.ts';

/**
 * Every built-in provider; where lists are shown, UnoRouter comes first. Left out: clouds with a wire of their own
 * (Azure, Bedrock, Vertex) and those whose URL holds an account name (Cloudflare, Databricks, Snowflake): a
 * `providers:` entry with a `url` adds the latter.
 */
export const BUILTIN_PROVIDERS: readonly Provider[] = [...GATEWAYS, ...MAKERS, ...HOSTS, ...LOCAL, DEMO];

export { PROVIDER_ALIASES } from './aliases.ts';
export { DEMO_MODELS } from './demo.ts';
export { originsOf } from './row.ts';
