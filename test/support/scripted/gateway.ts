import type { ProtocolId } from '../../../src/protocols/protocol.ts';
import { type FakeUpstream, type SeenRequest, startFakeUpstream } from '../fake-upstream.ts';
import { type LedgerRow, startTestServer, type TestServer } from '../server.ts';
import type { Script } from './script.ts';

/** A gateway with one provider `fake` behind it, which plays a script. */
export interface Gateway {
  server: TestServer;
  upstream: FakeUpstream;
  /** Proxied calls that the provider got; its list of models is asked for in the background. */
  calls(): SeenRequest[];
  /** The newest row. */
  lastRow(): Promise<LedgerRow>;
  close(): Promise<void>;
}

/** The provider's own key. */
export const KEY = 'sk-fake-0123456789abcdef';

/** Starts both. Two attempts, so that a refused call is tried again once. */
export async function startGateway(protocol: ProtocolId, script: Script): Promise<Gateway> {
  const upstream = await startFakeUpstream();
  upstream.answer(script);
  const url = `${upstream.url}/${protocol === 'gemini' ? 'v1beta' : 'v1'}`;
  const server = await startTestServer({
    config: `providers:\n  fake: { url: "${url}", protocol: ${protocol} }\nretry: { attempts: 2 }\n`,
    env: { UNOROUTER_FAKE_API_KEY: KEY },
  });
  return {
    server,
    upstream,
    calls: () => upstream.seen.filter((request) => request.method === 'POST'),
    async lastRow() {
      const [row] = await server.rows();
      if (!row) throw new Error('the ledger is empty');
      return row;
    },
    async close() {
      await server.close();
      await upstream.close();
    },
  };
}

/** The model ids that a list gives once the provider's own list has come in: asks again until `id` is among them. */
export async function listedWith(id: string, list: () => Promise<string[]>): Promise<string[]> {
  for (;;) {
    const ids = await list();
    if (ids.includes(id)) return ids;
  }
}
