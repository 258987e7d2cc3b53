declare module 'undici/lib/dispatcher/agent.js' {
  import type { Agent } from 'undici';

  const Constructor: typeof Agent;
  export default Constructor;
}
declare module 'undici/lib/dispatcher/client.js' {
  import type { Client } from 'undici';

  const Constructor: typeof Client;
  export default Constructor;
}
declare module 'undici/lib/dispatcher/pool.js' {
  import type { Pool } from 'undici';

  const Constructor: typeof Pool;
  export default Constructor;
}
declare module 'undici/lib/api/api-connect.js' {
  import type { Dispatcher } from 'undici';

  const connect: Dispatcher['connect'];
  export default connect;
}
declare module 'undici/lib/dispatcher/env-http-proxy-agent.js' {
  import type { EnvHttpProxyAgent } from 'undici';

  const Constructor: typeof EnvHttpProxyAgent;
  export default Constructor;
}
