import fc from 'fast-check';

/**
 * Properties are tried with the same values in every run, so that a red run is about the change at hand. `UNOROUTER_TEST_SEED`
 * gives another seed, `random` a new one each time; what that finds becomes a test of its own.
 */
const asked = process.env.UNOROUTER_TEST_SEED;
if (asked !== 'random') fc.configureGlobal({ seed: Number(asked ?? 20_261_125) });
