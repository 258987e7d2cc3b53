export { decodeBase64, encodeBase64, joinBase64, utf8Bytes } from './base64.ts';
export { type Blocks, createBlocks, type ToolStart } from './blocks.ts';
export { byCandidate, perCandidate } from './candidates.ts';
export { type Citation, codePoints, readSpan, type Span, spanText, unitAt } from './citation.ts';
export {
  appendLogprobs,
  type Collected,
  type CollectedBlock,
  type Collector,
  collect,
  createCollector,
} from './collect.ts';
export { customAsFunction, unwrapInput, wrapInput } from './custom-tools.ts';
export {
  budgetOf,
  type Effort,
  effortOf,
  impliedEffort,
  nearestEffort,
  readEffort,
  takenEffort,
  wishedEffort,
} from './effort.ts';
export type { FailureKind, FinishReason, Opaque, PivotError, PivotEvent } from './events.ts';
export {
  asArray,
  asCount,
  asObject,
  asString,
  asText,
  defined,
  firstCount,
  type JsonObject,
  objectOrNothing,
  parseJson,
} from './json.ts';
export type { TokenChoice, TokenProb } from './logprobs.ts';
export { SEAL_MARKS, sealText, unsealText } from './opaque.ts';
export type * from './request.ts';
export { EARLIER_SOURCES, EARLIER_THOUGHTS } from './request.ts';
export { mapToolId, type ToolIdRule } from './tool-ids.ts';
export { type ClientTool, flatToolName, knownTool } from './tool-names.ts';
export { type Count, type ServiceTier, saneUsage, sumUsage, type Usage } from './usage.ts';
export { sourcesAt, USUAL_VERBOSITY, vendorFields, vendorLosses, verbosityLoss } from './vendor-fields.ts';
