import { flatToolName } from '../../pivot/index.ts';

/**
 * A tool's name as this wire takes it: the flat name, with an underline before it where it would not begin with a
 * letter. Names that begin like that by themselves get another one, so that `bareName` gives each its own back.
 * https://ai.google.dev/api/caching#FunctionDeclaration
 */
export function wireName(namespace: string | undefined, name: string): string {
  const flat = flatToolName(namespace, name);
  return /^_*[0-9-]/.test(flat) ? `_${flat}` : flat;
}

/** The flat name behind a name in an answer. */
export function bareName(name: string): string {
  return /^_+[0-9-]/.test(name) ? name.slice(1) : name;
}
