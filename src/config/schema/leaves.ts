import * as z from 'zod';
import { closest } from '../suggest.ts';
import { DURATION_PATTERN, parseDuration, parseSize, SIZE_PATTERN } from '../units.ts';

/**
 * The building blocks of the schema. Every one says in plain words what it wants: the name of the setting is put in
 * front (`unknown_model must be one of error, default`). A second line of a message is the hint.
 */

/** The part of zod's issue that a message may depend on. */
interface Asked {
  readonly code?: string | undefined;
  readonly input?: unknown;
}

type Hint = (input: unknown) => string | undefined;

/** `must be <what>`, or `is missing` when nothing is there. */
const must =
  (what: string, hint: Hint = () => undefined) =>
  ({ input }: Asked): string => {
    const sentence = input === undefined ? `is missing: it must be ${what}` : `must be ${what}`;
    const help = hint(input);
    return help === undefined ? sentence : `${sentence}\n${help}`;
  };

const didYouMean = (word: string | undefined): string | undefined =>
  word === undefined ? undefined : `did you mean "${word}"?`;

/** A mapping with exactly these keys. Unknown ones are found a place and a suggestion later. */
export const section = <S extends z.ZodRawShape>(shape: S): z.ZodObject<S, z.core.$strict> =>
  z.strictObject(shape, { error: must('a mapping (key: value)') });

/** A mapping whose keys the user chooses. */
export const mapOf = <K extends z.ZodString, V extends z.ZodType>(
  key: K,
  value: V,
  what: string,
): z.ZodRecord<K, V> => z.record(key, value, { error: must(`a mapping of ${what}`) });

/** A list. */
export const listOf = <T extends z.ZodType>(item: T, what: string): z.ZodArray<T> =>
  z.array(item, { error: must(`a list of ${what}`) });

/** One thing or a list of them. */
export const oneOrMore = <T extends z.ZodType>(item: T, one: string, many: string) =>
  z.union([item, z.array(item).min(1)], { error: must(`${one} or a list of ${many}`) });

/** One of a few words. */
export const oneOf = <const T extends readonly string[]>(
  words: T,
): z.ZodEnum<z.core.util.ToEnum<T[number]>> =>
  z.enum(words, {
    error: must(`one of ${words.join(', ')}`, (input) =>
      typeof input === 'string' ? didYouMean(closest(input, words)) : undefined,
    ),
  });

/** Text of a given form. */
export const textLike = (pattern: RegExp, what: string): z.ZodString =>
  z.string({ error: must(what) }).regex(pattern, { error: must(what) });

/** `true` or `false`. */
export const flag = (): z.ZodBoolean =>
  z.boolean({
    error: must('true or false', (input) =>
      input === 'yes' || input === 'on' ? didYouMean('true') : undefined,
    ),
  });

/** A whole number within bounds. */
export const whole = (min: number, max: number): z.ZodNumber => {
  const error = must(`a whole number from ${min} to ${max}`);
  return z.number({ error }).int({ error }).min(min, { error }).max(max, { error });
};

/** US dollars: not negative, and bounded so that sums stay exact. */
export const dollars = (max: number): z.ZodNumber => {
  const error = must(`a number of US dollars from 0 to ${max}`);
  return z.number({ error }).min(0, { error }).max(max, { error });
};

/** Longer than Node's timers can count (24.8 days) must not reach a timer, so durations have bounds. */
export interface DurationBounds {
  maxMs: number;
  /** `maxMs` in words. */
  max: string;
}

const durationHint: Hint = (input) => (typeof input === 'number' ? didYouMean(`${input}s`) : undefined);

/** A duration longer than 0. */
export const duration = ({ maxMs, max }: DurationBounds) => {
  const error = must('a duration with its unit, such as 500ms, 60s, 5m or 2h', durationHint);
  const within = (text: string): boolean => {
    const ms = parseDuration(text);
    // Text that is no duration at all has already got its own message.
    return ms === null || (ms > 0 && ms <= maxMs);
  };
  return z
    .string({ error })
    .regex(DURATION_PATTERN, { error })
    .refine(within, { error: must(`longer than 0 and at most ${max}`) });
};

/** A duration that may be `0`. */
export const durationOrZero = ({ maxMs, max }: DurationBounds) => {
  const error = must('a duration with its unit, such as 60s, 5m or 90d, or 0', durationHint);
  const text = z
    .string()
    .regex(DURATION_PATTERN, { error })
    .refine((given) => (parseDuration(given) ?? 0) <= maxMs, { error: must(`at most ${max}`) });
  return z.union([z.literal(0), text], { error });
};

/** A size with its unit, up to 1 TB. */
export const size = () => {
  const error = must('a size with its unit, such as 512MB', (input) =>
    typeof input === 'number' ? didYouMean(`${input}MB`) : undefined,
  );
  const limit = 1024 ** 4;
  return z
    .string({ error })
    .regex(SIZE_PATTERN, { error })
    .refine((text) => (parseSize(text) ?? 0) <= limit, { error: must('at most 1024GB') });
};
