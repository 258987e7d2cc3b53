import { pathToFileURL } from 'node:url';
import { openLedger } from '../../../src/ledger/ledger.ts';
import { exchange, opened } from './exchange-samples.ts';

// A process that records until it is killed. Arguments: the ledger, the worker, how many finished and open requests.
const [file = '', worker = '', finished = '0', open = '0'] = process.argv.slice(2);
const say = (text: string) => process.stdout.write(`${text}\n`);
let time = 0;
const ledger = openLedger({
  file,
  workerUrl: pathToFileURL(worker),
  onProblem: (text) => say(`problem: ${text}`),
  retryMs: 20,
  now: () => time,
});

for (let i = 0; i < Number(finished); i++) {
  const x = exchange(`F${i}F`);
  ledger.open(opened(x));
  ledger.finish(x);
}
for (let i = 0; i < Number(open); i++) ledger.open(opened(exchange(`O${i}O`)));
time = 5_000;
for (let i = 0; i < Number(open); i++)
  ledger.update({ ...opened(exchange(`O${i}O`)), usage: { output: 33 }, usageSource: 'partial' });
await ledger.flush();
say(ledger.problems().length === 0 ? 'flushed' : 'waiting');

// On and on, so that the kill meets a write.
const troubled = ledger.problems().length > 0;
for (let i = 0; ; i++) {
  if (!troubled) ledger.finish(exchange(`L${i}L`, { session: 'late' }));
  await ledger.flush();
  if (i === 50) say('going on');
  if (troubled && ledger.problems().length === 0) break;
}
say('recovered');
await ledger.close();
