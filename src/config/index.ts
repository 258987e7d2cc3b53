export { BUDGET_ACTIONS, BUDGET_SCOPES, BUDGET_SPANS, budgetName, isBudgetName } from './budgets.ts';
export { DEFAULTS } from './build.ts';
export { DEFAULT_SETTINGS } from './defaults.ts';
export {
  configSchemaJson,
  configTemplate,
  deleteIn,
  editConfig,
  getIn,
  insertEntry,
  moveEntry,
  removeEntry,
  SCHEMA_FILE,
  setIn,
  settingPath,
  yamlEdits,
} from './editing.ts';
export { loadConfig, parseConfig, readConfigText } from './load.ts';
export { describeOrigin, effectiveSettings, type OriginPlaces } from './origin.ts';
export { formatProblem, invalidConfig } from './problem.ts';
export { normaliseProviderUrl } from './provider-url.ts';
export { isSecret, maskSecrets } from './secrets.ts';
export type * from './types.ts';
export { parseDuration } from './units.ts';
export { type ConfigWatch, watchConfig } from './watch.ts';
