// What is asked of every target, as jobs of the load generator, and which figures of a job are reported.
const KB = 1000;
const sequential = (wire, bytes) => ({ wire, bytes, connections: 1, ms: 700, warm: 5 });
const burst = (wire, connections) => ({
  wire,
  bytes: KB,
  stream: true,
  chunks: 200,
  connections,
  ms: 1200,
  warm: connections,
});

/** The figures: `name`, its unit, and whether `direct`'s of the same round is taken off. */
export const FIGURES = {
  p50: { title: 'p50', unit: 'us' },
  added: { title: 'added p50', unit: 'us', of: 'p50', added: true },
  p99: { title: 'p99', unit: 'us' },
  cpu: { title: 'CPU per request', unit: 'us' },
  cpuPerStream: { title: 'CPU per stream', unit: 'us', of: 'cpu' },
  perSecond: { title: 'requests', unit: '1/s' },
  chunksPerSecond: { title: 'chunks', unit: '1/s' },
  delayP50: { title: 'added chunk delay p50', unit: 'us', added: true },
  delayP99: { title: 'added chunk delay p99', unit: 'us', added: true },
  ttfb: { title: 'added time to first byte p50', unit: 'us', of: 'ttfbP50', added: true },
};
const LATENCY = ['added', 'p99', 'cpu'];
const STREAMS = ['chunksPerSecond', 'cpuPerStream'];
const PACED = {
  stream: true,
  chunks: 200,
  model: 'mock-200x5',
  stamped: true,
  connections: 8,
  count: 8,
  rampMs: 40,
};

export const SCENARIOS = [
  { id: 'seq1k', title: '1 connection, 1 kB', job: sequential('chat', KB), figures: LATENCY },
  { id: 'seq150k', title: '1 connection, 150 kB', job: sequential('chat', 150 * KB), figures: LATENCY },
  { id: 'seq600k', title: '1 connection, 600 kB', job: sequential('chat', 600 * KB), figures: LATENCY },
  {
    id: 'c64',
    title: '64 connections, 1 kB',
    job: { wire: 'chat', bytes: KB, connections: 64, ms: 1200, warm: 64 },
    figures: ['perSecond', 'p99', 'cpu'],
  },
  { id: 'burst64', title: '64 streams of 200 chunks at once', job: burst('chat', 64), figures: STREAMS },
  {
    id: 'paced8',
    title: '8 streams, a chunk per 5 ms',
    job: { wire: 'chat', bytes: KB, ...PACED },
    figures: ['delayP50', 'delayP99', 'ttfb'],
  },
  {
    id: 'tbig',
    title: 'a stream after a 150 kB body',
    job: { ...sequential('chat', 150 * KB), stream: true, chunks: 200 },
    figures: LATENCY,
  },
  { id: 'aseq1k', title: 'Messages in, Chat out, 1 kB', job: sequential('messages', KB), figures: LATENCY },
  {
    id: 'aseq150k',
    title: 'Messages in, Chat out, 150 kB',
    job: sequential('messages', 150 * KB),
    figures: LATENCY,
  },
  {
    id: 'aburst16',
    title: 'Messages in, Chat out, 16 streams at once',
    job: burst('messages', 16),
    figures: STREAMS,
  },
];

/** Warmed by count, not by time: some stacks need thousands of requests until they are as fast as they get. */
export const WARM_UPS = [
  { bytes: KB, connections: 64, count: 8000, ms: 4000 },
  { bytes: KB, stream: true, chunks: 200, connections: 16, count: 600, ms: 2000 },
  { bytes: 150 * KB, connections: 1, count: 100, ms: 1000 },
  { bytes: 600 * KB, connections: 1, count: 40, ms: 1000 },
];

/** So long nobody is asked before memory at rest is looked at, in ms. */
export const REST_MS = 15_000;

/** So often each gateway is asked for them. */
export const SLOW_ROUNDS = 3;
const SLOW_STREAMS = 1000;
/** What a process has been asked before they come. */
export const SLOW_START = { bytes: KB, connections: 8, count: 200, timeoutMs: 20_000 };
export const SLOW_JOB = {
  wire: 'chat',
  bytes: KB,
  stream: true,
  chunks: 20,
  model: 'mock-20x250',
  stamped: true,
  connections: SLOW_STREAMS,
  count: SLOW_STREAMS,
  rampMs: 1000,
  timeoutMs: 40_000,
};
export const QUICK_SLOW_JOB = { ...SLOW_JOB, model: 'mock-20x20', connections: 50, count: 50, rampMs: 50 };
export const EARLY_JOB = {
  ...sequential('chat', 150 * KB),
  stream: true,
  chunks: 200,
  count: 20,
  ms: 20_000,
  warm: 0,
};
