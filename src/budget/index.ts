export { countsAll, createBook, type Spender } from './book.ts';
export { type Budgets, createBudgets } from './budgets.ts';
export { concernsOf } from './concerns.ts';
export { raise, readRaises } from './raises.ts';
export { dayName, daysBefore, spanAt } from './spans.ts';
export { leftOf, limitOf, standingsOf } from './standing.ts';
export type * from './types.ts';
export { budgetWarning, raiseCommand, scopeFlags, usd, usedUp } from './words.ts';
