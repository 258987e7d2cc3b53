import type { FormatId } from '../types.ts';
import type { Format } from './format.ts';

export type { Format } from './format.ts';

// Parsers are loaded for the files that are there.
const LOADERS: Readonly<Record<FormatId, () => Promise<Format>>> = {
  json: async () => (await import('./json.ts')).json,
  yaml: async () => (await import('./yaml.ts')).loadYaml(),
  toml: async () => (await import('./toml.ts')).toml,
  env: async () => (await import('./env.ts')).env,
  lines: async () => (await import('./lines.ts')).lines,
};

/** The reader and writer of a language. */
export const loadFormat = (id: FormatId): Promise<Format> => LOADERS[id]();
