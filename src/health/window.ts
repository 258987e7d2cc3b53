/** Counts of the last while. */
export interface Counts {
  ok: number;
  failed: number;
}

/** Successes and failures of a sliding span of time, in a fixed number of slots. */
export interface Window {
  add(ok: boolean): void;
  counts(): Counts;
  clear(): void;
}

interface Slot extends Counts {
  turn: number;
}

/** Creates one over `spanMs`; it forgets in steps of a slot. `now` is ms since 1970. */
export function createWindow(options: { spanMs: number; slots: number; now(): number }): Window {
  const { slots, now } = options;
  const slotMs = options.spanMs / slots;
  let ring: Slot[] = [];
  const turnNow = (): number => Math.floor(now() / slotMs);

  function recent(): Slot[] {
    const turn = turnNow();
    // A slot of the future is left over from before the clock was set back.
    return ring.filter((slot) => slot.turn <= turn && slot.turn > turn - slots);
  }

  return {
    add(ok) {
      ring = recent();
      const turn = turnNow();
      let slot = ring.find((one) => one.turn === turn);
      if (!slot) {
        slot = { turn, ok: 0, failed: 0 };
        ring.push(slot);
      }
      if (ok) slot.ok++;
      else slot.failed++;
    },
    counts() {
      const counts: Counts = { ok: 0, failed: 0 };
      for (const slot of recent()) {
        counts.ok += slot.ok;
        counts.failed += slot.failed;
      }
      return counts;
    },
    clear() {
      ring = [];
    },
  };
}
