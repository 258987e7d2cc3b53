import { get } from 'node:http';
import { readOwned } from './files.ts';
import type { HomePaths, ServerFile } from './types.ts';

const HANDSHAKE_MS = 1_000;

/** What the last server of this home wrote down; it may be dead. null = nothing that can be read. */
export function readServerFile(paths: HomePaths): ServerFile | null {
  try {
    const file: Partial<ServerFile> = JSON.parse(readOwned(paths.serverFile) ?? 'null');
    const { pid, url, port, version, startedAt } = file ?? {};
    if (typeof pid !== 'number' || typeof url !== 'string' || typeof port !== 'number') return null;
    return { pid, url, port, version: version ?? '', startedAt: startedAt ?? 0 };
  } catch {
    // Half a file or nonsense is the note of nobody.
    return null;
  }
}

/** The name, version and pid that a server gives on `GET /health`; null when nothing of ours answers there. */
export function askHealth(url: string): Promise<{ pid: number; version: string } | null> {
  return new Promise((resolve) => {
    const request = get(`${url}/health`, { timeout: HANDSHAKE_MS, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk.slice(0, 1000);
      });
      response.on('end', () => resolve(readHealth(text)));
      response.on('error', () => resolve(null));
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(null));
  });
}

function readHealth(text: string): { pid: number; version: string } | null {
  try {
    const { name, pid, version } = JSON.parse(text);
    return name === 'unorouter' && typeof pid === 'number' ? { pid, version: String(version) } : null;
  } catch {
    // Something else listens there.
    return null;
  }
}

/** The server of this home, if it is alive. Asking the port is the only proof that works on every system: pids are reused. */
export async function findServer(paths: HomePaths): Promise<ServerFile | null> {
  const file = readServerFile(paths);
  if (!file) return null;
  const health = await askHealth(file.url);
  return health?.pid === file.pid ? file : null;
}
