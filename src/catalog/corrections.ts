import { CORRECTIONS, type Correction } from './corrections.data.ts';
import { spelling } from './names.ts';
import type { Rates } from './rates.ts';

const HOUR_MS = 3_600_000;
const [SUNDAY, SATURDAY] = [0, 6];

/** What a vendor's page says of a model as of a moment (ms since 1970), and which page; null = nothing beyond the lists. */
export function correctionOf(
  provider: string,
  model: string,
): ((at: number) => { rates: Rates; source: string } | null) | null {
  const name = spelling(model);
  const known = CORRECTIONS.filter((one) => one.provider === provider && one.models.includes(name));
  if (known.length === 0) return null;
  return (at) => {
    const valid = known.findLast(({ from }) => at >= Date.parse(from));
    return valid
      ? { rates: ratesAt(valid, at), source: `${new URL(valid.page).hostname} ${valid.read}` }
      : null;
  };
}

function ratesAt({ rates, peak }: Correction, at: number): Rates {
  const day = new Date(at).getUTCDay();
  const hour = (at / HOUR_MS) % 24;
  if (!peak || day === SUNDAY || day === SATURDAY) return rates;
  return peak.hours.some(([from, to]) => hour >= from && hour < to) ? peak.rates : rates;
}
