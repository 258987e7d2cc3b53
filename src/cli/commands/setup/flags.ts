/** Flags of `setup` as they were written. */
export interface SetupFlags {
  model?: string;
  scope?: string;
  print?: true;
  dryRun?: true;
  check?: true;
  undo?: true;
}
