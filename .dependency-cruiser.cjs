/** Rooms and who may import whom (src/README.md). A room is entered through its index.ts; no cycles. */
const ROOMS = {
  pivot: [],
  home: [],
  protocols: ['pivot'],
  catalog: [],
  health: [],
  config: ['catalog', 'home'],
  keys: ['home'],
  bodies: ['home'],
  verified: ['home'],
  router: ['catalog', 'config', 'health'],
  budget: ['config', 'home', 'router'],
  'prompt-cache': [],
  reconcile: [],
  upstream: ['catalog', 'pivot'],
  relay: ['router', 'protocols', 'pivot', 'upstream', 'catalog', 'health'],
  ledger: ['pivot', 'catalog', 'home'],
  feed: [],
  // The demo provider is a transport like the network: it shares upstream's types.
  demo: ['pivot', 'protocols', 'upstream'],
  server: [
    'home',
    'relay',
    'router',
    'upstream',
    'protocols',
    'pivot',
    'ledger',
    'feed',
    'config',
    'keys',
    'catalog',
    'demo',
    'health',
    'budget',
    'prompt-cache',
    'bodies',
    'verified',
  ],
  // How each coding agent is pointed here: its settings are edited like our own.
  agents: ['config', 'home'],
  cli: [
    'agents',
    'home',
    'reconcile',
    'server',
    'router',
    'budget',
    'upstream',
    'ledger',
    'feed',
    'config',
    'keys',
    'catalog',
    'demo',
    'bodies',
    'verified',
  ],
};
// Types and small pure helpers that every room may use.
const LEAVES =
  '^src/(exchange|errors|sse|sse-forms|json-scan|json-walk|signal|crowd|memo|newest|ulid|version)\\.ts$';

const roomRule = ([room, allowed]) => ({
  name: `${room}-imports`,
  comment: `${room} may import only: ${allowed.join(', ') || 'leaf files'}`,
  severity: 'error',
  from: { path: `^src/${room}/` },
  to: {
    path: '^src/',
    pathNot: [
      LEAVES,
      `^src/${room}/`,
      '^src/protocols/protocol\\.ts$',
      '^src/pivot/(index|usage|events|request)\\.ts$',
      ...allowed.map((a) => `^src/${a}/index\\.ts$`),
    ],
  },
});

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-orphans',
      severity: 'error',
      from: { orphan: true, pathNot: ['types\\.ts$', '\\.d\\.ts$', 'src/(cli/main|ledger/worker)\\.ts$'] },
      to: {},
    },
    {
      name: 'sans-io',
      comment: 'pivot and protocols import neither Node nor npm',
      severity: 'error',
      from: { path: '^src/(pivot|protocols)/' },
      to: { dependencyTypes: ['core', 'npm', 'npm-dev', 'npm-optional'] },
    },
    {
      name: 'no-protocol-siblings',
      severity: 'error',
      from: { path: '^src/protocols/([^/]+)/' },
      to: { path: '^src/protocols/[^/]+/', pathNot: '^src/protocols/$1/' },
    },
    ...Object.entries(ROOMS).map(roomRule),
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'default'] },
  },
};
