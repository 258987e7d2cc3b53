export { calendarSpan, isTime } from './calendar.ts';
export { openLedger } from './ledger.ts';
export { openLedgerReader } from './reader.ts';
export type * from './types.ts';
