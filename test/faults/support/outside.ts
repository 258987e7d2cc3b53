/** What a runner from outside needs of the table: it drives another faulty provider with the same expectations. */
export {
  askAll,
  type Case,
  casesOf,
  eachOf,
  KEY_VARIABLE,
  modelOf,
  NATIVE,
  providersOf,
  SECRET,
  titleOf,
} from './cases.ts';
export { ask } from './client.ts';
export { judge } from './judge.ts';
export { ALL_ROWS } from './table.ts';
