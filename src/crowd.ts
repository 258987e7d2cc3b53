/** Where a member stands; only its crowd writes it. */
export interface Member {
  place: number;
}

/** Who is there at the moment, in no order. */
export interface Crowd<T extends Member> {
  join(member: T): void;
  /** Nothing happens to a stranger. */
  leave(member: T): void;
  members(): readonly T[];
}

/**
 * Creates one: joining and leaving cost the same however many are there. A Set does that, too, but every table that it
 * outgrows points to the next one. Where something joins and leaves with each request, one old table keeps all later ones
 * alive, and with them the garbage of their requests, until the whole heap is collected.
 */
export function createCrowd<T extends Member>(): Crowd<T> {
  const members: T[] = [];
  return {
    join(member) {
      member.place = members.push(member) - 1;
    },
    leave(member) {
      const { place } = member;
      if (members[place] !== member) return;
      const last = members.pop();
      if (last === undefined || last === member) return;
      last.place = place;
      members[place] = last;
    },
    members: () => members,
  };
}
