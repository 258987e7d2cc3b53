import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { JsonObject, PivotRequest } from '../../../src/pivot/index.ts';
import { protocolOf } from '../../../src/protocols/index.ts';
import { PROTOCOL_IDS } from '../../support/fixtures.ts';

const CLIENT = 'gemini';
const GOLDEN = fileURLToPath(new URL(`../../golden/requests/${CLIENT}/`, import.meta.url));
/** The only way to change what is expected. Read the difference before it is committed. */
const UPDATE = process.env.UNOROUTER_UPDATE_GOLDEN === '1';

const CASES = readdirSync(GOLDEN)
  .filter((file) => /^[^.]+\.json$/.test(file))
  .map((file) => file.replace('.json', ''));

function parsed(name: string): PivotRequest {
  const json = JSON.parse(readFileSync(`${GOLDEN}${name}.json`, 'utf8')) as JsonObject;
  const request = protocolOf(CLIENT).parseRequest(json, {
    model: 'asked-model',
    stream: true,
  });
  if ('problem' in request) throw new Error(request.problem);
  return request;
}

/** Compares with the golden file; writes it when asked to. */
function check(file: string, value: unknown): void {
  if (UPDATE) writeFileSync(GOLDEN + file, `${JSON.stringify(value, null, 2)}\n`);
  if (!existsSync(GOLDEN + file)) throw new Error(`no golden file: UNOROUTER_UPDATE_GOLDEN=1 writes ${file}`);
  expect(JSON.parse(JSON.stringify(value))).toEqual(JSON.parse(readFileSync(GOLDEN + file, 'utf8')));
}

describe('a Gemini request', () => {
  it.each(CASES)('means what it meant before: %s', (name) => check(`${name}.pivot.json`, parsed(name)));

  const wires = PROTOCOL_IDS.flatMap((wire) => CASES.map((name) => ({ wire, name })));
  it.each(
    wires.filter(
      ({ wire, name }) => wire === CLIENT || UPDATE || existsSync(`${GOLDEN}${name}.${wire}.json`),
    ),
  )('reaches $wire as it did before: $name', ({ wire, name }) => {
    const target = { model: 'target-model', provider: 'somebody', quirks: new Set<string>() };
    check(`${name}.${wire}.json`, protocolOf(wire).renderRequest(parsed(name), target));
  });
});
