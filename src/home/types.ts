/** Where everything of one user lies. `UNOROUTER_HOME` moves all of it below one directory. */
export interface HomePaths {
  /** `~/.config/unorouter/config.yaml`; `UNOROUTER_CONFIG` names another file. */
  configFile: string;
  /** 0700: token, server.json, ledger.sqlite, key index, keys.yaml. */
  stateDir: string;
  cacheDir: string;
  ledgerFile: string;
  tokenFile: string;
  serverFile: string;
  keyIndexFile: string;
  /** Plain-text keys, only by explicit `--store file`. */
  keysFile: string;
  /** What the running server keeps for `statusline` (0600). */
  statuslineFile: string;
  /** Lists of models that providers gave, one file each. */
  modelsDir: string;
  /** Public lists of prices, one file each. */
  pricesDir: string;
  crashDir: string;
  /** What models could do when they were tried. */
  verifiedFile: string;
  /** What was said in requests and answers, one file each; empty unless asked for. */
  bodiesDir: string;
}

/** What the running server wrote about itself (0600). The truth is what answers on the port (`/health`), not the pid. */
export interface ServerFile {
  pid: number;
  url: string;
  port: number;
  version: string;
  /** ms since 1970 */
  startedAt: number;
}
