import { expect, it } from 'vitest';
import { createPatientTimer, type PatientTimer } from '../../src/upstream/index.ts';

const MS = 20;

/** A timer of 20 ms on a clock that stands still until it is told to move. */
function onOwnClock() {
  const clock = { ms: 0, rang: false };
  let ring: () => void = () => undefined;
  const done = new Promise<void>((resolve) => {
    ring = resolve;
  });
  const timer: PatientTimer = createPatientTimer(
    MS,
    () => {
      clock.rang = true;
      ring();
    },
    () => clock.ms,
  );
  return { clock, timer, done };
}

/** The system's timers of this length have run. */
const timersRun = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, MS + 5));

it('a timer of silence rings when its time is over', async () => {
  const { clock, done } = onOwnClock();
  clock.ms = MS;
  await done;
});

it('rings from when it was refreshed', async () => {
  const { clock, timer, done } = onOwnClock();
  clock.ms = 15;
  timer.refresh();
  clock.ms = 30;
  await timersRun();
  expect(clock.rang).toBe(false);
  clock.ms = 35;
  await done;
});

it('never rings once it was stopped', async () => {
  const { clock, timer } = onOwnClock();
  timer.stop();
  clock.ms = MS;
  await timersRun();
  expect(clock.rang).toBe(false);
});

it('grants a grace when the process stood still, and then it does ring', async () => {
  const { clock, done } = onOwnClock();
  clock.ms = 60_000;
  await timersRun();
  expect(clock.rang).toBe(false);
  clock.ms += MS;
  await done;
});

it('spares what goes on after the process stood still', async () => {
  const { clock, timer } = onOwnClock();
  clock.ms = 60_000;
  await timersRun();
  clock.ms += MS - 1;
  timer.refresh();
  clock.ms += MS - 1;
  await timersRun();
  expect(clock.rang).toBe(false);
  timer.stop();
});
