/**
 * Working directories of the processes behind connections: by the client's port, for connections from this machine to
 * `serverPort`. Whoever is not found is left out. Never rejects.
 */
export type FindDirectories = (
  ports: readonly number[],
  serverPort: number,
) => Promise<ReadonlyMap<number, string>>;
