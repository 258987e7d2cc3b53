export { ulidTail } from './ids.ts';
export { createLook, type Glyphs, type Look, lookOf } from './look.ts';
export { csv, jsonFields, jsonLine, jsonText, type MachineRow } from './machine.ts';
export { type Column, table } from './table.ts';
export { cut, pad, safeText, widthOf, wrap } from './text.ts';
export {
  bar,
  clock,
  day,
  duration,
  exact,
  money,
  percent,
  perMillion,
  plural,
  shortDuration,
  sum,
  tokens,
} from './units.ts';
