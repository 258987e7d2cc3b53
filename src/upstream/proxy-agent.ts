import EnvHttpProxyAgent from 'undici/lib/dispatcher/env-http-proxy-agent.js';

export { EnvHttpProxyAgent };
