// Faults of the outside provider that the table of test/faults does not have, or that it plays otherwise.

/** @param all the table's rows: some expectations are taken from there */
export function OUTSIDE_ROWS(all) {
  const as = (fault) => all.find((row) => row.fault === fault).must;
  const row = (number, fault, like, more = {}) => ({ row: number, fault, must: as(like), ...more });
  const either =
    (...likes) =>
    (asked) =>
      likes.flatMap((like) => as(like)(asked));
  return [
    row('11', '413', '413'),
    row('-', 'ok-tool', 'ok'),
    // Rows of the security table (what is in the answer is looked at by the attacks from outside).
    row('-', 'evil-headers', 'ok'),
    { row: '-', fault: 'ansi-header', must: either('ok', 'giant-header') },
    row('-', 'echo-key', 'ok'),
    // Streamed, its own request id keeps it from sending the headers.
    { row: '-', fault: 'ansi', must: either('ok', 'reset-headers') },
    // Its Messages stream says 11 tokens at the start, and zero only of the output.
    {
      row: '37',
      fault: 'zero-usage',
      must: ({ upstream, stream }) => ({
        ...as('zero-usage')({}),
        ...(upstream === 'anthropic-messages' && stream ? { counts: { input: 11, output: 0 } } : {}),
      }),
    },
    // In Google's words it has a hint.
    { row: '40', fault: '429-junk', must: either('429-junk', '429-seconds:1') },
    { row: '40', fault: '429-none', must: either('429-none', '429-seconds:1') },
    row('-', 'ansi-error', '500'),
    row('-', 'csv', 'ok'),
    row('-', 'slow-read', 'ok'),
    // It closes the connection even when the next answer is on its way over it: a cut of that.
    { row: '8', fault: 'stale-close', must: either('ok', 'end-no-done') },
    row('8', 'stale-reuse', 'ok'),
    // Too large to be held: passed on as it comes, unread.
    { row: '32', fault: 'giant-json', only: 'whole', must: either('ok', 'no-usage') },
    // It never ends by itself: the time limit of the provider cuts it.
    { row: '34', fault: 'endless', quick: true, must: either('end-no-done', 'hang-midstream') },
  ];
}
