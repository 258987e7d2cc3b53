// What is compared. One entry each: `install` (a folder, or a sentence thrown), `launch` (the command for a port and an
// upstream) and what it is asked with: `chat` (Chat in) and `messages` (Messages in, Chat out).
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromGo, fromNpm, fromPyPi, root, run } from './installs.mjs';
import { scratch } from './processes.mjs';

const KEY = 'bench-key-0000';
const TOKEN = 'uno-benchbenchbenchbenchbenchb';
const CHAT = '/v1/chat/completions';
const MESSAGES = '/v1/messages';
const bearer = (token) => ({ authorization: `Bearer ${token}` });
const asIs = (model) => model;
const under = (prefix) => (model) => prefix + model;
const plain = { path: CHAT, headers: bearer(KEY), model: asIs };
export const unorouterBin = join(root, 'bin', 'unorouter.js');

/** Writes a file of a target's own folder and gives the folder. */
function folder(name, files) {
  const dir = join(scratch, name);
  mkdirSync(dir, { recursive: true });
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(join(dir, file, '..'), { recursive: true });
    writeFileSync(join(dir, file), text);
  }
  return dir;
}

const limit = (name, api = plain) => ({
  name,
  runtime: 'node',
  launch: ({ port, upstreamPort }) => ({
    command: [process.execPath, join(root, 'bench', 'limits', `${name}.mjs`)],
    env: { PORT: String(port), UPSTREAM_PORT: String(upstreamPort) },
  }),
  chat: api,
});

/** The environment of an unorouter whose only provider is the fake one. `home` may be one made before. */
export const unorouterEnv = (home) => ({
  UNOROUTER_HOME: home,
  UNOROUTER_NO_KEYCHAIN: '1',
  UNOROUTER_TOKEN: TOKEN,
  UNOROUTER_BENCH_API_KEY: KEY,
});
export const unorouterConfig = (upstreamPort) =>
  `catalog: { refresh: false }\nproviders:\n  bench: { url: http://127.0.0.1:${upstreamPort}/v1, protocol: openai-chat }\n`;
export const serveCommand = (port) => [
  process.execPath,
  unorouterBin,
  'serve',
  '--port',
  String(port),
  '--log',
  'none',
];

export const unorouter = {
  name: 'unorouter',
  runtime: 'node',
  launch: ({ port, upstreamPort }) => ({
    command: serveCommand(port),
    env: unorouterEnv(folder(`unorouter-${port}`, { 'config.yaml': unorouterConfig(upstreamPort) })),
  }),
  chat: { path: CHAT, headers: bearer(TOKEN), model: under('bench/') },
  messages: {
    path: MESSAGES,
    headers: { 'x-api-key': TOKEN, 'anthropic-version': '2023-06-01' },
    model: under('bench/'),
  },
};

const nginx = {
  name: 'nginx',
  runtime: 'C',
  peer: true,
  install: () => run(['nginx', '-v']),
  launch: ({ port, upstreamPort }) => {
    const dir = folder(`nginx-${port}`, {
      'nginx.conf': `daemon off; worker_processes 1; pid nginx.pid; error_log stderr crit;
events { worker_connections 4096; }
http { access_log off; client_body_buffer_size 1m; client_max_body_size 20m; keepalive_requests 1000000;
  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
  upstream provider { server 127.0.0.1:${upstreamPort}; keepalive 2048; keepalive_requests 1000000; }
  server { listen 127.0.0.1:${port} backlog=4096; location / { proxy_pass http://provider; proxy_http_version 1.1;
    proxy_set_header connection ""; proxy_buffering off; } } }`,
    });
    return { command: ['nginx', '-p', dir, '-c', join(dir, 'nginx.conf')] };
  },
  chat: plain,
};

// It listens on all addresses by itself; the comparison must not.
const ON_LOOPBACK = `import net from 'node:net';
const { listen } = net.Server.prototype;
net.Server.prototype.listen = function (first, ...rest) {
  const port = typeof first === 'object' ? first.port : first;
  return listen.call(this, { port: Number(port), host: '127.0.0.1' }, rest.find((one) => typeof one === 'function'));
};`;

const portkey = {
  name: 'portkey',
  runtime: 'node',
  peer: true,
  // With what a fresh install brings it answers 500 to every stream.
  install: () => fromNpm('@portkey-ai/gateway', '1.15.2', { hono: '4.9.7', '@hono/node-server': '1.14.0' }),
  launch: ({ port, installed }) => {
    const preload = join(folder('portkey', { 'loopback.mjs': ON_LOOPBACK }), 'loopback.mjs');
    const main = join(installed, 'node_modules', '@portkey-ai', 'gateway', 'build', 'start-server.js');
    return { command: [process.execPath, '--import', preload, main, '--headless', `--port=${port}`] };
  },
  chat: ({ upstreamPort }) => ({
    path: CHAT,
    headers: {
      ...bearer(KEY),
      'x-portkey-provider': 'openai',
      'x-portkey-custom-host': `http://127.0.0.1:${upstreamPort}/v1`,
    },
    model: asIs,
  }),
};

const claudeCodeRouter = {
  name: 'ccr',
  runtime: 'node',
  peer: true,
  install: () => fromNpm('@musistudio/claude-code-router', '2.0.0'),
  launch: ({ port, upstreamPort, installed }) => {
    const models = ['mock-200x0', 'mock-200x5', 'mock-20x250'];
    const provider = {
      name: 'bench',
      api_base_url: `http://127.0.0.1:${upstreamPort}${CHAT}`,
      api_key: KEY,
      models,
    };
    const config = { HOST: '127.0.0.1', PORT: port, APIKEY: TOKEN, LOG: false, NON_INTERACTIVE_MODE: true };
    const all = { ...config, Providers: [provider], Router: { default: 'bench,mock-200x0' } };
    const home = folder(`ccr-${port}`, { '.claude-code-router/config.json': JSON.stringify(all) });
    const main = join(installed, 'node_modules', '@musistudio', 'claude-code-router', 'dist', 'cli.js');
    return { command: [process.execPath, main, 'start'], env: { HOME: home, USERPROFILE: home } };
  },
  messages: {
    path: MESSAGES,
    headers: { 'x-api-key': TOKEN, 'anthropic-version': '2023-06-01' },
    model: under('bench,'),
  },
};

const litellm = {
  name: 'litellm',
  runtime: 'Python',
  peer: true,
  slow: true,
  install: () => fromPyPi('litellm', '1.83.14', 'proxy'),
  launch: ({ port, upstreamPort, installed }) => {
    const config = {
      model_list: [
        {
          model_name: '*',
          litellm_params: {
            model: 'openai/*',
            api_base: `http://127.0.0.1:${upstreamPort}/v1`,
            api_key: KEY,
          },
        },
      ],
      general_settings: { master_key: `sk-${TOKEN}` },
      litellm_settings: { telemetry: false },
    };
    const dir = folder(`litellm-${port}`, { 'config.yaml': JSON.stringify(config) });
    const args = ['--config', join(dir, 'config.yaml'), '--host', '127.0.0.1', '--port', String(port)];
    const env = { PYTHONPATH: installed, LITELLM_LOCAL_MODEL_COST_MAP: 'True', LITELLM_LOG: 'ERROR' };
    return { command: ['python3', join(installed, 'bin', 'litellm'), ...args, '--telemetry', 'False'], env };
  },
  chat: { path: CHAT, headers: bearer(`sk-${TOKEN}`), model: asIs },
  messages: {
    path: MESSAGES,
    headers: { ...bearer(`sk-${TOKEN}`), 'anthropic-version': '2023-06-01' },
    model: asIs,
  },
};

const bifrost = {
  name: 'bifrost',
  runtime: 'Go',
  peer: true,
  install: () => fromGo('github.com/maximhq/bifrost/transports/bifrost-http', 'latest'),
  launch: ({ port, upstreamPort, installed }) => {
    const network_config = { base_url: `http://127.0.0.1:${upstreamPort}` };
    const keys = [{ name: 'bench', value: KEY, models: [], weight: 1 }];
    const dir = folder(`bifrost-${port}`, {
      'config.json': JSON.stringify({ providers: { openai: { keys, network_config } } }),
    });
    const args = ['-host', '127.0.0.1', '-port', String(port), '-app-dir', dir];
    return { command: [join(installed, 'bifrost-http'), ...args] };
  },
  chat: { path: CHAT, headers: {}, model: under('openai/') },
};

/** `direct` is what the others are measured against; asked in Messages, it still gets Chat of the same size. */
export const direct = { name: 'direct', chat: plain, messages: { ...plain, wire: 'chat' } };

export const TARGETS = [
  direct,
  limit('http-pipe'),
  limit('undici-buf'),
  limit('undici-co', { ...plain, model: under('bench/') }),
  limit('hono-raw', { ...plain, model: under('bench/') }),
  nginx,
  unorouter,
  portkey,
  claudeCodeRouter,
  litellm,
  bifrost,
];
