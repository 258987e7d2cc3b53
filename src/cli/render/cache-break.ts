import type { CacheBreak } from '../../exchange.ts';
import { duration, sum, tokens } from './units.ts';

type Cause = Pick<CacheBreak, 'part' | 'by'>;

/** What happened, by who did it and what it was about. */
const CAUSES: readonly { by: CacheBreak['by']; part?: CacheBreak['part']; text: string }[] = [
  { by: 'route', text: 'sent to another target' },
  { by: 'ttl', text: 'idle for longer than it is kept' },
  { by: 'provider', text: 'nothing changed, the provider did not find it' },
  { by: 'client', part: 'model', text: 'the client asked for another model' },
  { by: 'client', part: 'tools', text: 'the client changed its tools' },
  { by: 'client', part: 'system', text: 'the client changed its system prompt' },
  { by: 'client', part: 'message', text: 'the client changed an earlier message' },
];

/** Why a prompt cache was lost, in general. */
export function causeText({ by, part }: Cause): string {
  return CAUSES.find((one) => one.by === by && (one.part === undefined || one.part === part))?.text ?? by;
}

/** Why this one was lost: `the client changed message 12`, `sent here instead of openai/gpt-5`, `idle for 7m 00s, ...`. */
export function breakCause(one: CacheBreak): string {
  if (one.part === 'message') return `the client changed message ${one.message}`;
  if (one.by === 'route') return `sent here instead of ${one.from}`;
  if (one.by === 'ttl') return `idle for ${duration(one.idleMs)}, longer than it is kept`;
  return causeText(one);
}

/** `80.4k tokens read anew, $0.21 more` */
export function breakPrice({ tokens: anew, costNanoUsd }: CacheBreak): string {
  return `${tokens(anew)} tokens read anew${costNanoUsd === null ? '' : `, ${sum(costNanoUsd)} more`}`;
}
