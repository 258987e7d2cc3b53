import { yamlEdits } from '../../config/index.ts';
import type { Value } from '../types.ts';
import type { Format } from './format.ts';

/** YAML, edited line by line as our own configuration file is. */
export async function loadYaml(): Promise<Format> {
  const edits = await yamlEdits();
  return {
    problem(text) {
      try {
        edits.getIn(text, []);
        return null;
      } catch {
        return 'it is not valid YAML';
      }
    },
    get: (text, path) => edits.getIn(text, path) as Value | undefined,
    line: (text, path) => edits.writtenAt(text, path)?.line ?? null,
    set(text, path, value) {
      if (value === undefined) return edits.deleteIn(text, path);
      // An empty file would be taken for a new configuration file of ours, which names its schema.
      return text.trim() === ''
        ? `${path.join('.')}: ${JSON.stringify(value)}\n`
        : edits.setIn(text, path, value);
    },
  };
}
