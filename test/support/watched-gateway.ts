import { expect, onTestFinished } from 'vitest';
import { type Gateway, startGateway } from './cli.ts';
import { CHAT_ANSWER, type FakeUpstream, startFakeUpstream } from './fake-upstream.ts';
import { home } from './home.ts';

/** A gateway whose Node was started with flags that have it tell of itself. */
export interface WatchedGateway extends Gateway {
  /** Its only provider, `acme`. */
  upstream: FakeUpstream;
  /** Asks a provider that answers, so many times, one after the other. */
  ask(times: number, content?: string): Promise<void>;
}

/** Starts one; it ends with the test. */
export async function startWatched(flags: string): Promise<WatchedGateway> {
  const upstream = await startFakeUpstream();
  onTestFinished(() => upstream.close());
  upstream.answer({ pieces: [CHAT_ANSWER] });
  const at = home(`providers: { acme: { url: "${upstream.url}/v1", auth: none } }\n`);
  const gateway = await startGateway(at, [], {}, `node=$1; shift; set -- "$node" ${flags} "$@"`);
  onTestFinished(async () => void (await gateway.stop()));
  return {
    ...gateway,
    upstream,
    async ask(times, content = 'hi') {
      const body = { model: 'acme/m', messages: [{ role: 'user', content }] };
      for (let i = 0; i < times; i++) {
        const answer = await gateway.post('/v1/chat/completions', body);
        expect(await answer.text()).toBe(CHAT_ANSWER);
      }
    },
  };
}
