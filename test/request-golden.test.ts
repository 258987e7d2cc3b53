import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { JsonObject, PivotRequest, RenderTarget } from '../src/pivot/index.ts';
import { protocolOf } from '../src/protocols/index.ts';
import type { ProtocolId } from '../src/protocols/protocol.ts';
import { PROTOCOL_IDS } from './support/fixtures.ts';

const GOLDEN = fileURLToPath(new URL('./golden/requests/', import.meta.url));
/** The only way to change what is expected. Read the difference before it is committed. */
const UPDATE = process.env.UNOROUTER_UPDATE_GOLDEN === '1';
const TARGET: RenderTarget = {
  model: 'target-model',
  provider: 'somebody',
  quirks: new Set(),
  reasons: true,
};

/** Requests as clients send them: `<client's protocol>/<case>.json`. */
const CASES = PROTOCOL_IDS.flatMap((client) =>
  readdirSync(GOLDEN + client)
    .flatMap((file) => /^([^.]+)\.json$/.exec(file)?.[1] ?? [])
    .map((name) => ({ client, name, path: `${client}/${name}` })),
);
const ENDINGS = ['pivot', ...PROTOCOL_IDS];

function parsed({ client, path }: { client: ProtocolId; path: string }): PivotRequest {
  const json = JSON.parse(readFileSync(`${GOLDEN}${path}.json`, 'utf8')) as JsonObject;
  const from = { model: String(json.model ?? 'asked-model'), stream: json.stream === true };
  const request = protocolOf(client).parseRequest(json, from);
  if ('problem' in request) throw new Error(request.problem);
  return request;
}

/** As text: the order of members decides whether a provider's prompt cache is hit. */
function compare(path: string, value: unknown): void {
  const file = `${GOLDEN}${path}.json`;
  const text = `${JSON.stringify(value, null, 2)}\n`;
  if (UPDATE) writeFileSync(file, text);
  if (!existsSync(file)) throw new Error(`no golden file: UNOROUTER_UPDATE_GOLDEN=1 writes ${path}.json`);
  expect(text).toBe(readFileSync(file, 'utf8'));
}

describe.each(CASES)('the request $path', ({ client, path }) => {
  it('is understood as it was', () => compare(`${path}.pivot`, parsed({ client, path })));

  it.each(PROTOCOL_IDS)('reaches %s as it did', (wire) => {
    compare(`${path}.${wire}`, protocolOf(wire).renderRequest(parsed({ client, path }), TARGET));
  });
});

it('no golden request is left that nothing is compared with', () => {
  const wanted = CASES.flatMap(({ path }) => [
    `${path}.json`,
    ...ENDINGS.map((end) => `${path}.${end}.json`),
  ]);
  const there = PROTOCOL_IDS.flatMap((id) => readdirSync(GOLDEN + id).map((file) => `${id}/${file}`));
  expect(there.sort()).toEqual(wanted.sort());
});
