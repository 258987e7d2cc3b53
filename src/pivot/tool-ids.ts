import { checksum } from './checksum.ts';

/** What a wire or a provider takes as the id of a tool call. */
export interface ToolIdRule {
  /** Of the whole id. */
  pattern: RegExp;
  maxLength: number;
}

/**
 * A tool call's id as the target takes it: ids that conform are untouched, others become the same id in every request,
 * and different ones stay different. Calls and results go through it alike, so that they still find each other.
 */
export function mapToolId(id: string, { pattern, maxLength }: ToolIdRule): string {
  const conforms = (text: string): boolean => text.length <= maxLength && pattern.test(text);
  if (conforms(id)) return id;
  const mark = checksum(id, 11);
  const readable = `${id.replace(/[^a-zA-Z0-9_-]/g, '_').slice(0, Math.max(0, maxLength - mark.length - 1))}_${mark}`;
  return conforms(readable) ? readable : checksum(id, maxLength);
}
