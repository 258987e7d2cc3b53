import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { PivotRequest } from '../../../src/pivot/index.ts';
import { openaiResponses } from '../../../src/protocols/openai-responses/index.ts';
import type { Protocol } from '../../../src/protocols/protocol.ts';

const FOLDER = fileURLToPath(new URL('../../golden/requests/openai-responses/', import.meta.url));
/** The only way to change what is expected. Read the difference before it is committed. */
const UPDATE = process.env.UNOROUTER_UPDATE_GOLDEN === '1';

/** The wires that the requests are written for. */
const UPSTREAMS: Protocol[] = [openaiResponses];
const TARGET = { model: 'target-model', provider: 'acme', quirks: new Set<string>(), reasons: true };

const CASES = readdirSync(FOLDER).flatMap((file) => /^([^.]+)\.json$/.exec(file)?.[1] ?? []);

function read(name: string): PivotRequest {
  const json = JSON.parse(readFileSync(`${FOLDER}${name}.json`, 'utf8'));
  const request = openaiResponses.parseRequest(json, { model: json.model, stream: json.stream === true });
  if ('problem' in request) throw new Error(request.problem);
  return request;
}

function compare(file: string, value: unknown): void {
  if (UPDATE) writeFileSync(FOLDER + file, `${JSON.stringify(value, null, 2)}\n`);
  if (!existsSync(FOLDER + file)) throw new Error(`no golden file: UNOROUTER_UPDATE_GOLDEN=1 writes ${file}`);
  expect(JSON.parse(JSON.stringify(value))).toEqual(JSON.parse(readFileSync(FOLDER + file, 'utf8')));
}

describe('a recorded kind of Responses request', () => {
  it.each(CASES)('is understood: %s', (name) => compare(`${name}.pivot.json`, read(name)));

  describe.each(UPSTREAMS.map((protocol) => ({ id: protocol.id, protocol })))(
    'for $id',
    ({ id, protocol }) => {
      it.each(CASES)('is written: %s', (name) => {
        compare(`${name}.${id}.json`, protocol.renderRequest(read(name), TARGET));
      });
    },
  );

  it('has no golden file that nothing is compared with', () => {
    const endings = ['', '.pivot', ...UPSTREAMS.map(({ id }) => `.${id}`)];
    const wanted = CASES.flatMap((name) => endings.map((ending) => `${name}${ending}.json`));
    expect(readdirSync(FOLDER).sort()).toEqual(wanted.sort());
  });
});
