export { type Connections, createConnections } from './connections.ts';
export { UpstreamFailure } from './failure.ts';
export { getText, postText } from './get-text.ts';
export { answerHeaders, requestHeaders } from './headers.ts';
export { createPatientTimer, type PatientTimer } from './patient-timer.ts';
export { retryAfterMs } from './retry-after.ts';
export { createTransport } from './transport.ts';
export type * from './types.ts';
