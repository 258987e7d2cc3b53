#!/usr/bin/env node
/* Plain old JavaScript on purpose: an old Node must reach the sentence below, not a syntax error. */

var parts = process.versions.node.split('.');
if (Number(parts[0]) < 20 || (Number(parts[0]) === 20 && Number(parts[1]) < 20)) {
  process.stderr.write(
    'error: unorouter needs Node 20.20 or newer, this is v' +
      process.versions.node +
      '  [node_too_old]\n' +
      '     fix  nvm install 22     or  npx -p node@22 -p unorouter unorouter serve\n',
  );
  process.exit(1);
}
import('../dist/main.js').then(function (program) {
  return program.main();
});
