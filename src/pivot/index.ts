export type { FailureKind, FinishReason, Opaque, PivotError, PivotEvent } from './events.ts';
export type { Usage } from './usage.ts';
