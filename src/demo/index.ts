export { createDemoTransport, type DemoDeps } from './transport.ts';
