import { VERSION } from '../../../../version.ts';
import { type Facts, type Finding, ok } from '../finding.ts';

/** Node itself was checked before any of this could run. */
export function node({ context: { prefix } }: Facts): Finding[] {
  const how = prefix.startsWith('npx') ? ' (npx)' : '';
  return [ok(`Node ${process.versions.node}, unorouter ${VERSION}${how}`)];
}
