import type * as z from 'zod';
import { buildConfig } from './build.ts';
import { type Misfit, pathText } from './misfit.ts';
import { suggestSetting } from './names.ts';
import { notices } from './notices.ts';
import { locate, placeOf } from './place.ts';
import { settingsSchema } from './schema/settings.ts';
import { misfits } from './semantics.ts';
import { MOST_PROBLEMS, type Parsed, parseYaml } from './syntax.ts';
import type { ConfigProblem, ConfigResult } from './types.ts';

/** Of a file with thousands of mistakes only the first ones are looked up. */
const MOST_ISSUES = 100;

type Issue = z.core.$ZodIssue;

/** A mistake before it has a place in the file. */
interface Mistake {
  path: readonly PropertyKey[];
  at: 'key' | 'value';
  message: string;
  /** Asked only for mistakes that will be shown: it compares with every name there is. */
  hint(): string | undefined;
}

function unknownKeys(issue: Issue & { code: 'unrecognized_keys' }): Mistake[] {
  return issue.keys.slice(0, MOST_ISSUES).map((key) => ({
    path: [...issue.path, key],
    at: 'key',
    message: `"${key}" is not a setting${issue.path.length > 0 ? ` of ${pathText(issue.path)}` : ''}`,
    hint: () => suggestSetting(issue.path, key),
  }));
}

/** The schema's sentences begin with a verb and have the hint on a second line. */
function sentence(issue: Issue, message: string): Omit<Mistake, 'at'> {
  const [words = '', hint] = message.split('\n');
  const name = issue.path.length > 0 ? pathText(issue.path) : 'the file';
  return { path: issue.path, message: `${name} ${words}`, hint: () => hint };
}

function mistakesOf(issue: Issue): Mistake[] {
  if (issue.code === 'unrecognized_keys') return unknownKeys(issue);
  if (issue.code === 'invalid_key') {
    return [{ at: 'key', ...sentence(issue, issue.issues[0]?.message ?? issue.message) }];
  }
  return [{ at: 'value', ...sentence(issue, issue.message) }];
}

const misfitMistake = ({ path, message, hint }: Misfit): Mistake => ({
  path,
  at: 'value',
  message,
  hint: () => hint,
});

function problemsOf(
  file: string,
  source: string,
  parsed: Parsed,
  mistakes: readonly Mistake[],
): ConfigProblem[] {
  return mistakes
    .map((mistake) => ({ mistake, span: locate(parsed.document.contents, mistake.path, mistake.at) }))
    .sort((a, b) => a.span.start - b.span.start)
    .slice(0, MOST_PROBLEMS)
    .map(({ mistake, span }) => {
      const hint = mistake.hint();
      const problem = { file, ...placeOf(span, source, parsed.lines), message: mistake.message };
      return hint === undefined ? problem : { ...problem, hint };
    });
}

/** Checks a text that stands, or is to stand, in a file: syntax, names, values, and whether they fit together. */
export function checkSource(file: string, source: string): ConfigResult {
  const parsed = parseYaml(file, source);
  if (Array.isArray(parsed)) return { ok: false, problems: parsed, source };
  const checked = settingsSchema.safeParse(parsed.data ?? {});
  if (!checked.success) {
    const mistakes = checked.error.issues.slice(0, MOST_ISSUES).flatMap(mistakesOf);
    return { ok: false, problems: problemsOf(file, source, parsed, mistakes), source };
  }
  const wrong = misfits(checked.data).slice(0, MOST_ISSUES);
  if (wrong.length > 0) {
    return { ok: false, problems: problemsOf(file, source, parsed, wrong.map(misfitMistake)), source };
  }
  const config = buildConfig(checked.data, (path) => {
    const span = locate(parsed.document.contents, path, 'value');
    return placeOf(span, source, parsed.lines).line;
  });
  return { ok: true, config, warnings: notices(config, checked.data), exists: true };
}
