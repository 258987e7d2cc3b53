// Starts this gateway with one provider for a conformance checker that replays recorded provider answers, and tells
// it what the ledger says of the last exchange. Used by .ci/run where such a checker is at hand.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const BIN = fileURLToPath(new URL('../bin/unorouter.js', import.meta.url));
const TOKEN = 'uno-wireadapterwireadapterwire';
const PROTOCOLS = {
  'openai-chat': 'openai-chat',
  'openai-responses': 'openai-responses',
  anthropic: 'anthropic-messages',
  gemini: 'gemini',
};

const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

async function answers(url) {
  for (let i = 0; i < 200; i++) {
    try {
      if ((await fetch(url)).ok) return;
    } catch {
      // Not there yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error('the gateway did not start');
}

/** `protocol` is the upstream's; recordings of wires that are not served here are asked for as Chat and fail there. */
export async function startProxy({ protocol, upstreamUrl }) {
  const home = mkdtempSync(join(tmpdir(), 'unorouter-wire-'));
  const port = await freePort();
  const base = protocol === 'gemini' ? '/v1beta' : '/v1';
  const spoken = PROTOCOLS[protocol] ?? 'openai-chat';
  writeFileSync(
    join(home, 'config.yaml'),
    `retry: { attempts: 1 }\nproviders:\n  recorded: { url: ${upstreamUrl}${base}, protocol: ${spoken} }\n`,
  );
  const env = {
    ...process.env,
    UNOROUTER_HOME: home,
    UNOROUTER_NO_KEYCHAIN: '1',
    UNOROUTER_TOKEN: TOKEN,
    UNOROUTER_RECORDED_API_KEY: 'recorded-key-0000',
  };
  const child = spawn(process.execPath, [BIN, 'serve', '--port', String(port), '--log', 'none'], {
    env,
    stdio: 'ignore',
  });
  const baseUrl = `http://127.0.0.1:${port}`;
  await answers(`${baseUrl}/health`);
  return {
    baseUrl,
    headers: { authorization: `Bearer ${TOKEN}` },
    model: (model) => `recorded/${model}`,
    async usageOf() {
      const [row] = JSON.parse(
        execFileSync(process.execPath, [BIN, 'logs', '--json', '-n', '1'], { env, encoding: 'utf8' }),
      );
      if (!row) return null;
      const { input, output, cacheRead, cacheWrite, reasoning } = row.usage;
      return {
        input_total: input,
        output_total: output,
        cached_read: cacheRead,
        cache_write: cacheWrite,
        reasoning,
        cost: row.costNanoUsd,
      };
    },
    async stop() {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await gone;
      rmSync(home, { recursive: true, force: true });
    },
  };
}
