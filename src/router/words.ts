import type { RouteRule } from '../config/index.ts';
import type { Target } from './types.ts';

/** `openai/gpt-5`: how a target is called in plans, and how a session remembers it. The key it is called with is not part of it. */
export function targetId({ provider, model }: Pick<Target, 'provider' | 'model'>): string {
  return `${provider.id}/${model}`;
}

/** A name from a request, made safe to stand in one line of an error sentence. */
export function printable(name: string): string {
  const plain = name.replace(/[^\x20-\x7e]/g, '?');
  return plain.length > 80 ? `${plain.slice(0, 80)}...` : plain;
}

const UNITS: readonly (readonly [number, string])[] = [
  [1_000_000, 'M'],
  [1_000, 'k'],
];

/** `950`, `180k`, `1.2M`; `digits` behind the point at most. */
export function tokensText(tokens: number, digits = 1): string {
  const [size, unit] = UNITS.find(([size]) => tokens >= size) ?? [1, ''];
  return `${Number((tokens / size).toFixed(digits))}${unit}`;
}

/** `rule "long" (config.yaml:17)` */
export function ruleText({ name, line }: RouteRule): string {
  return `rule "${printable(name)}"${line === null ? '' : ` (config.yaml:${line})`}`;
}
