import type { Asking } from './asking.ts';
import { rendezvous } from './dice.ts';
import type { Target } from './types.ts';
import { printable, targetId } from './words.ts';

/** A provider with several keys becomes one target a key: the session's own first, so that its cache is found again. */
export function withKeys(targets: readonly Target[], { state, seed }: Asking): Target[] {
  return targets.flatMap((target) => {
    const labels = state.keyLabels(target.provider, target.surface);
    if (labels.length < 2) return [target];
    const pool = labels.map((name) => ({ name, weight: 1 }));
    return rendezvous(seed, pool).map(({ name }) => ({ ...target, key: name }));
  });
}

const STATE_WORDS = { parked: 'is parked', open: 'is failing', probing: 'is being tried again' } as const;

/** Targets that are not well go behind those that are, in the same order; none is left out. */
export function byHealth(
  targets: readonly Target[],
  { state }: Asking,
): { targets: Target[]; why: string[] } {
  const well: Target[] = [];
  const ailing: Target[] = [];
  const why: string[] = [];
  for (const target of targets) {
    const health = state.health(target);
    if (health.state === 'ok') well.push(target);
    else {
      ailing.push(target);
      const key = target.key === undefined ? '' : ` with key ${printable(target.key)}`;
      const because = health.why === null ? '' : ` (${health.why})`;
      why.push(`${printable(targetId(target))}${key} ${STATE_WORDS[health.state]}${because}`);
    }
  }
  const place = well.length > 0 ? 'goes behind the others' : 'there is no other';
  return { targets: [...well, ...ailing], why: why.map((sentence) => `${sentence}: ${place}`) };
}
