import { checksum } from './checksum.ts';
import type { PivotTool } from './request.ts';

/** What every wire takes as the name of a function. */
const CONFORMING = /^[a-zA-Z0-9_-]{1,64}$/;
const MAX_LENGTH = 64;

/** A tool that a client runs itself: functions and custom tools, not the provider's own. */
export type ClientTool = Exclude<PivotTool, { kind: 'server' }>;

/**
 * A tool's name where there are no namespaces: `namespace__name`, at most 64 of `[a-zA-Z0-9_-]`. The same tool has the
 * same name in every request (prompt caches), different ones have different names. Names that conform already are
 * untouched; from others only `knownTool` finds back.
 */
export function flatToolName(namespace: string | undefined, name: string): string {
  const joined = namespace === undefined || namespace === '' ? name : join(namespace, name);
  if (CONFORMING.test(joined)) return joined;
  const mark = `_${checksum(`${namespace ?? ''}\n${name}`, 8)}`;
  return joined.replace(/[^a-zA-Z0-9_-]/g, '_').slice(0, MAX_LENGTH - mark.length) + mark;
}

/**
 * The tool of a request that goes by a flat name in the answer. A model that leaves the namespace out is understood
 * where only one tool has that name. Undefined = the client offered no such tool.
 */
export function knownTool(tools: readonly PivotTool[] | undefined, flatName: string): ClientTool | undefined {
  const own = (tools ?? []).filter((tool): tool is ClientTool => tool.kind !== 'server');
  const exact = own.find((tool) => flatToolName(tool.namespace, tool.name) === flatName);
  if (exact) return exact;
  const [bare, ...others] = own.filter((tool) => tool.name === flatName);
  return others.length === 0 ? bare : undefined;
}

/** Codex calls namespaces `mcp__server__`: a separator that is there already is not written twice. */
function join(namespace: string, name: string): string {
  return namespace.endsWith('__') ? namespace + name : `${namespace}__${name}`;
}
