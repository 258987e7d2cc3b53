// Loaded into a process under test (--import): at SIGUSR2 something is thrown that nobody catches.
process.on('SIGUSR2', () => {
  setImmediate(() => {
    throw new Error('a prompt and sk-fake-5f1c9e7d3b2a4860');
  });
});
