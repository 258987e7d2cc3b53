import type { Exchange } from '../../../exchange.ts';
import { pad, safeText, shortDuration, widthOf } from '../../render/index.ts';
import { afterwards, statusWords } from './attempts.ts';
import { costText, endText, rateText, tokenText } from './facts.ts';
import { type DetailContext, flow, printSections, type Section, startText, troubles } from './sections.ts';

const INDENT = 8;

/** One request on a narrow screen. */
export function brief(x: Exchange, context: DetailContext): string {
  const { look } = context;
  const { sep } = look.glyphs;
  const who = [x.agent, x.project]
    .filter((part) => part !== null)
    .map((part) => safeText(part))
    .join(` ${sep} `);
  const served = x.provider === null ? 'nobody' : `${x.provider}/${x.model}`;
  const rates = rateText(x, look);
  const sections: Section[] = [
    { label: 'asked', lines: [`${safeText(x.asked)} (${x.protocol})`] },
    { label: 'served', lines: [safeText(`${served}, rule "${x.rule}"`)] },
    { label: 'tries', lines: tryLines(x, context), fixed: true },
    { label: 'time', lines: rates === '' ? [] : [rates] },
    { label: 'tokens', lines: [tokenText(x, look)] },
    { label: 'cost', lines: [costText(x, context).replace(/ {2,}/, ' ')] },
    { label: 'ended', lines: x.outcome === 'ok' ? [] : [endText(x)] },
    ...troubles(x).map(({ label, lines }) => ({
      label: label.toLowerCase().replace('left out', 'lost'),
      lines,
    })),
  ];
  const head = flow(
    [`${safeText(x.id)}  ${startText(x, context)}`, ...(who === '' ? [] : [who])],
    '  ',
    look.width,
  );
  return `${head.join('\n')}\n${printSections(sections, INDENT, look)}`;
}

/** `1 openai 429 rate-limit  0.3s, waited 1.2s` */
function tryLines(x: Exchange, { look }: DetailContext): string[] {
  const names = x.attempts.map((attempt) =>
    safeText(`${attempt.provider} ${statusWords(attempt, look.glyphs)}`),
  );
  const width = Math.max(0, ...names.map(widthOf));
  return x.attempts.map((attempt, i) => {
    const after = attempt === x.attempts.at(-1) ? '' : afterwards(x, attempt, look.glyphs);
    const ms = shortDuration(attempt.ms, 1, look.glyphs.none).padStart(5);
    const line = `${attempt.n} ${pad(names[i] ?? '', width)} ${ms}${after === '' ? '' : `, ${after}`}`;
    return safeText(line, look.width - INDENT, look.glyphs.ellipsis);
  });
}
