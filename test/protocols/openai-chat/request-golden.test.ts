import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { PivotRequest, RenderTarget } from '../../../src/pivot/index.ts';
import { protocolOf } from '../../../src/protocols/index.ts';
import type { ProtocolId } from '../../../src/protocols/protocol.ts';

const DIRECTORY = fileURLToPath(new URL('../../golden/requests/openai-chat/', import.meta.url));
/** The only way to change what is expected. Read the difference before it is committed. */
const UPDATE = process.env.UNOROUTER_UPDATE_GOLDEN === '1';
/** The wires that a request of this folder is written for. */
const UPSTREAMS: readonly ProtocolId[] = ['openai-chat'];
const TARGET: RenderTarget = { model: 'its-own-name', provider: 'somewhere', quirks: new Set() };

const CASES = readdirSync(DIRECTORY)
  .filter((file) => /^[^.]+\.json$/.test(file))
  .map((file) => file.replace('.json', ''));

function parsed(name: string): PivotRequest {
  const json = JSON.parse(readFileSync(`${DIRECTORY}${name}.json`, 'utf8'));
  const request = protocolOf('openai-chat').parseRequest(json, {
    model: json.model,
    stream: json.stream === true,
  });
  if ('problem' in request) throw new Error(request.problem);
  return request;
}

function compare(name: string, value: unknown): void {
  const file = `${DIRECTORY}${name}.json`;
  const text = `${JSON.stringify(value, null, 2)}\n`;
  if (UPDATE) writeFileSync(file, text);
  if (!existsSync(file)) throw new Error(`no golden file: UNOROUTER_UPDATE_GOLDEN=1 writes ${name}.json`);
  expect(text).toBe(readFileSync(file, 'utf8'));
}

describe.each(CASES)('a Chat request: %s', (name) => {
  it('is read as it was', () => {
    compare(`${name}.pivot`, parsed(name));
  });

  it.each(UPSTREAMS)('is written as it was for %s', (upstream) => {
    compare(`${name}.${upstream}`, protocolOf(upstream).renderRequest(parsed(name), TARGET));
  });
});

it('no golden request is left that nothing is compared with', () => {
  const wanted = CASES.flatMap((name) =>
    ['', '.pivot', ...UPSTREAMS.map((id) => `.${id}`)].map((end) => `${name}${end}.json`),
  );
  expect(readdirSync(DIRECTORY).sort()).toEqual(wanted.sort());
});
