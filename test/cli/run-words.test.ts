import { describe, expect, it } from 'vitest';
import { serverGone } from '../support/cli.ts';
import { home } from '../support/home.ts';
import { hasPty, onTerminal } from '../support/pty.ts';

describe.skipIf(!hasPty)('run on a terminal', () => {
  it.each([60, 100])(
    'says where it is wired and what is left of the budget, at %i columns',
    async (columns) => {
      const at = home(
        'budget: { day: 5 }\nbudgets:\n  - { project: web, day: 3 }\n  - { project: other, day: 1 }\n',
      );
      const session = onTerminal(at, ['run', '--project', 'web', '--', 'true'], { columns });
      expect(await session.ended).toBe(0);
      const said = session.text().replace(/\s+/g, ' ');
      expect(said).toMatch(
        /unorouter private server on :\d+ \(ends with true\) · project web · budget \$3\.00 left/,
      );
      expect(said).toContain('no file changed: ');
      expect(said).toContain('unorouter this session: no requests');
      await serverGone(at);
    },
  );
});
