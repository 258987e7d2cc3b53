#!/usr/bin/env node
/* Plain old JavaScript on purpose: an old Node must reach the sentence below, not a syntax error. */

function tooOld(version) {
  var message = 'unorouter needs Node 20.20 or newer, this is v' + version;
  var fix = ['nvm install 22', 'npx -p node@22 -p unorouter unorouter serve'];
  if (process.argv.indexOf('--json') > 0)
    return JSON.stringify({ error: { code: 'node_too_old', message: message, why: null, fix: fix } });
  return 'error: ' + message + '\n       [node_too_old] exit 1\n  fix  ' + fix.join('\n       ');
}

var parts = process.versions.node.split('.');
if (Number(parts[0]) < 20 || (Number(parts[0]) === 20 && Number(parts[1]) < 20)) {
  process.stderr.write(tooOld(process.versions.node) + '\n');
  process.exit(1);
}
/* The server has its own file, which is read at once; main.js runs it, too (unorouter --quiet serve). */
import(process.argv[2] === 'serve' ? '../dist/serve.js' : '../dist/main.js').then(function (program) {
  return program.main();
});
