/**
 * Working directories of the processes behind connections: by the client's port, for connections from this machine to
 * `serverPort`. Whoever is not found is left out. `known` looks only at processes that were found before, which costs
 * next to nothing; `all` looks everywhere. Never rejects.
 */
export type FindDirectories = (
  ports: readonly number[],
  serverPort: number,
  where: 'known' | 'all',
) => Promise<ReadonlyMap<number, string>>;
