// Prints which parts of Node a process had loaded when it ended: `node --require` this.
const { isMainThread } = require('node:worker_threads');
if (isMainThread) process.on('exit', () => process._rawDebug(`loaded: ${process.moduleLoadList.join(', ')}`));
