import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createCrowd, type Member } from '../src/crowd.ts';

it('a crowd holds whoever has joined and not left, whatever the order', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20)), (steps) => {
      const people: Member[] = Array.from({ length: 21 }, () => ({ place: -1 }));
      const crowd = createCrowd<Member>();
      const there = new Set<Member>();
      for (const step of steps) {
        const one = people[step];
        if (!one) continue;
        if (there.delete(one)) crowd.leave(one);
        else {
          there.add(one);
          crowd.join(one);
        }
        expect(new Set(crowd.members())).toEqual(there);
        expect(crowd.members()).toHaveLength(there.size);
      }
    }),
  );
});

it('a crowd does not mind a stranger who leaves', () => {
  const crowd = createCrowd<Member>();
  const [member, stranger] = [{ place: -1 }, { place: 0 }];
  crowd.join(member);
  crowd.leave(stranger);
  crowd.leave({ place: -1 });
  expect(crowd.members()).toEqual([member]);
});
