// Prints what of the heap is in use whenever SIGUSR2 comes, without garbage: `node --expose-gc --require` this.
const { isMainThread } = require('node:worker_threads');
let asked = 0;
function tell() {
  gc();
  gc();
  process._rawDebug(`heap ${++asked}: ${process.memoryUsage().heapUsed} bytes`);
}
if (isMainThread) process.on('SIGUSR2', tell);
