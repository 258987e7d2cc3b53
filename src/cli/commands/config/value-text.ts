import { stringify } from 'yaml';

/** A value as an answer of its own: text and numbers raw, collections as YAML. Ends with a line end. */
export function rawText(value: unknown): string {
  if (typeof value === 'object' && value !== null) return stringify(value, { lineWidth: 0 });
  return `${String(value)}\n`;
}

/** A value on one line, as `config set` takes it. */
export function inlineText(value: unknown): string {
  if (typeof value === 'string') return value;
  return stringify(value, { collectionStyle: 'flow', flowCollectionPadding: false, lineWidth: 0 }).trimEnd();
}
