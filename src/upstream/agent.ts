// The package's index loads fetch, WebSocket and caches too (65 ms of start-up); this is the pool alone.
import Agent from 'undici/lib/dispatcher/agent.js';

export { createPool } from './connection.ts';
export { Agent };
