declare module 'undici/lib/dispatcher/agent.js' {
  import type { Agent } from 'undici';

  const AgentConstructor: typeof Agent;
  export default AgentConstructor;
}
declare module 'undici/lib/dispatcher/env-http-proxy-agent.js' {
  import type { EnvHttpProxyAgent } from 'undici';

  const Constructor: typeof EnvHttpProxyAgent;
  export default Constructor;
}
