/**
 * Token counts of one answer, in the one shape used everywhere inside.
 *
 * `undefined` = the provider did not say; an explicit 0 stays 0. `input` is every prompt token including cache reads
 * and writes; `cacheWrite1h` is a part of `cacheWrite`; `output` is every generated token including reasoning.
 * Vendors' own conventions are converted at the wire's edge (`protocols/<id>/decode.ts`) and nowhere else.
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
  /** Server-side web searches that the provider bills per call. */
  searches?: number;
  /** What the provider itself says it charged, in USD (OpenRouter `usage.cost`). */
  costUsd?: number;
}
