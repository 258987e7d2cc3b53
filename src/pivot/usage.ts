import { defined } from './json.ts';

/** Under which terms of service an answer was made, where that is not the standard one: it has prices of its own. */
export type ServiceTier = 'batch' | 'flex' | 'priority';

/**
 * Token counts of one answer, in the one shape used everywhere inside.
 *
 * `undefined` = the provider did not say; an explicit 0 stays 0. `input` is every prompt token including cache reads
 * and writes; `cacheWrite1h` is a part of `cacheWrite`; `output` is every generated token including reasoning.
 * Vendors' own conventions are converted at the wire's edge (`protocols/<id>/decode.ts`) and nowhere else, where
 * `saneUsage` sees to it that no part is larger than its whole.
 */
export interface Usage {
  input?: number;
  cacheRead?: number;
  cacheWrite?: number;
  cacheWrite1h?: number;
  output?: number;
  reasoning?: number;
  /** Audio tokens, parts of `input` and `output`. */
  inputAudio?: number;
  outputAudio?: number;
  /** Image tokens, parts of `input` and `output`. */
  inputImage?: number;
  outputImage?: number;
  /** Server-side web searches that the provider bills per call. */
  searches?: number;
  /** Calls of other tools that run at the provider (code, files, fetches). */
  serverTools?: number;
  /** What the provider itself says it charged, in USD (OpenRouter `usage.cost`). */
  costUsd?: number;
  /** Absent = standard, or not said. */
  tier?: ServiceTier;
}

/** The members of usage that are numbers. */
export type Count = Exclude<keyof Usage, 'tier'>;

const COUNTS = [
  ...(['input', 'cacheRead', 'cacheWrite', 'cacheWrite1h', 'output', 'reasoning'] as const),
  ...(['inputAudio', 'outputAudio', 'inputImage', 'outputImage', 'searches', 'serverTools'] as const),
  'costUsd',
] as const satisfies readonly Count[];

/** The counts that are a part of another one. */
const PARTS = [
  ...(['cacheRead', 'cacheWrite', 'reasoning', 'inputAudio', 'outputAudio'] as const),
  ...(['inputImage', 'outputImage'] as const),
] as const satisfies readonly Count[];

/**
 * The same usage, with no part larger than its whole: input that was counted without its cache tokens is counted with
 * them, output without its reasoning likewise; of the other parts what is too much is left out.
 */
export function saneUsage(usage: Usage): Usage {
  if (!PARTS.some((name) => usage[name] !== undefined)) return usage;
  const { input, output, cacheRead = 0, cacheWrite = 0, reasoning = 0 } = usage;
  const cached = cacheRead + cacheWrite;
  const wholeInput = input !== undefined && cached > input ? input + cached : input;
  const wholeOutput = output !== undefined && reasoning > output ? output + reasoning : output;
  const within = (part: number | undefined, whole: number | undefined): number | undefined =>
    part !== undefined && whole !== undefined ? Math.min(part, whole) : part;
  const inputAudio = within(usage.inputAudio, wholeInput);
  const outputAudio = within(usage.outputAudio, wholeOutput);
  return defined<Usage>({
    ...usage,
    input: wholeInput,
    output: wholeOutput,
    cacheWrite1h: within(usage.cacheWrite1h, usage.cacheWrite),
    inputAudio,
    outputAudio,
    inputImage: within(usage.inputImage, rest(wholeInput, inputAudio)),
    outputImage: within(usage.outputImage, rest(wholeOutput, outputAudio)),
  });
}

function rest(whole: number | undefined, part = 0): number | undefined {
  return whole === undefined ? undefined : whole - part;
}

/** What several answers used together. A count that one of them does not have is that of the others. */
export function sumUsage(list: readonly Usage[]): Usage {
  const total: Usage = {};
  for (const usage of list) {
    for (const name of COUNTS) {
      const count = usage[name];
      if (count !== undefined) total[name] = (total[name] ?? 0) + count;
    }
    if (usage.tier !== undefined) total.tier = usage.tier;
  }
  return total;
}
