import type { Settings } from './schema/settings.ts';

/** What holds where the file says nothing, in the words of the file. Figures: reliability rules R2, R8, R9 and R12. */
export const DEFAULT_SETTINGS = {
  unknown_model: 'error',
  strict: false,
  retry: { attempts: 3, deadline: '60s' },
  timeouts: { connect: '5s', headers: '600s', first_content: '600s', idle: '180s', total: '60m' },
  // "UNOR" on a phone's keys; nobody else's default.
  server: { host: '127.0.0.1', port: 8667, drain: '30s', on_client_abort: 'abort' },
  log: { bodies: 'off', keep: '90d', max: '512MB' },
  catalog: { refresh: true },
} as const satisfies Settings;
