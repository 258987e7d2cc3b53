// Loaded into a process that shall be profiled (NODE_OPTIONS --require): SIGUSR2 begins a CPU profile of the main thread,
// the next one ends it and writes it to PROFILE_FILE. PROFILE_AT_ONCE begins with the process.
const { isMainThread } = require('node:worker_threads');

/** Often enough for functions of a microsecond in a few seconds, seldom enough to cost a few percent. */
const EVERY_US = 200;

if (isMainThread && process.env.PROFILE_FILE) {
  const { Session } = require('node:inspector');
  const { renameSync, writeFileSync } = require('node:fs');
  const file = process.env.PROFILE_FILE;
  const session = new Session();
  session.connect();
  let running = false;

  const begin = () => {
    running = true;
    session.post('Profiler.start', () => writeFileSync(`${file}.begun`, ''));
  };
  const end = () => {
    running = false;
    session.post('Profiler.stop', (error, { profile } = {}) => {
      writeFileSync(`${file}.part`, JSON.stringify(error ? { error: error.message } : profile));
      renameSync(`${file}.part`, file);
    });
  };
  session.post('Profiler.enable');
  session.post('Profiler.setSamplingInterval', { interval: EVERY_US });
  process.on('SIGUSR2', () => (running ? end() : begin()));
  if (process.env.PROFILE_AT_ONCE) begin();
}
