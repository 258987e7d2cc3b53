import { EXIT, UserError } from '../../../errors.ts';
import { type Exchange, exchangeJson } from '../../../exchange.ts';
import type { ReplayAnswer, Said } from '../../../server/index.ts';
import type { Context } from '../../context.ts';
import { hint } from '../../hint.ts';
import { jsonFields, jsonText, lookOf, safeText } from '../../render/index.ts';
import { findRequest } from '../logs/find.ts';
import { refused } from '../routes/refused.ts';
import { holdServer } from '../run/private-server.ts';
import { comparison } from './table.ts';

/**
 * `replay ID --model M`: sends what was recorded of a request to another model, through the running server or a private
 * one, and puts both answers side by side. Exit 7 when the model gave none.
 * @throws UserError `no_request`, `bodies_not_recorded` (exit 9), `not_replayable`, or as a client would be refused
 */
export async function replayRequest(context: Context, which: string, model: string): Promise<void> {
  const exchange = await findRequest(context, which);
  if (exchange.endpoint !== 'generate')
    throw notReplayable(`it asked for ${exchange.endpoint}, and only generated answers can be compared`);
  const held = await holdServer(context, true, null);
  try {
    const answer = await held.client.replay(exchange.id, model);
    if (!answer.ok) throw missing(answer.why, exchange);
    print(context, exchange, answer);
  } finally {
    held.release();
  }
}

/** Both sides with the same keys. */
export interface Side {
  id: string;
  served: string | null;
  status: number | null;
  outcome: string;
  usage: { input: number | null; output: number | null; cacheRead: number | null; reasoning: number | null };
  costNanoUsd: number | null;
  costState: Exchange['cost']['state'];
  ttftMs: number | null;
  totalMs: number | null;
  errorCode: string | null;
  errorMessage: string | null;
  attempts: unknown[];
  said: Said;
}

const sideOf = (row: Record<string, unknown>, said: Said): Side => ({ ...row, said }) as unknown as Side;

function print(context: Context, exchange: Exchange, answer: Extract<ReplayAnswer, { ok: true }>): void {
  const before = sideOf(exchangeJson(exchange), answer.before);
  const now = sideOf(answer.exchange, answer.now);
  if (now.attempts.length === 0 && now.errorCode !== null)
    throw refused({ code: now.errorCode, message: now.errorMessage ?? '' });
  if (context.json) context.stdout.write(jsonText(jsonFields([{ before, now }], context.json)[0]));
  else {
    const look = lookOf(context, context.stdout);
    context.stdout.write(comparison(before, now, look));
    hint(context, `In full: ${context.prefix} logs show ${safeText(now.id)}`);
  }
  if (now.outcome !== 'ok') context.exit(EXIT.upstream);
}

function missing(why: 'not-recorded' | 'not-whole', { id }: Exchange): UserError {
  if (why === 'not-whole')
    return notReplayable(
      'it is longer than what is kept of a body, or no text',
      `{cmd} logs show ${id} --body`,
    );
  return new UserError({
    code: 'bodies_not_recorded',
    exit: EXIT.nothingFound,
    message: 'what was said in that request was not recorded',
    why: 'bodies are kept only when you ask for it, and from then on',
    fix: ['{cmd} serve --bodies on     or for good: {cmd} config set log.bodies on'],
  });
}

function notReplayable(why: string, fix = '{cmd} logs --status ok'): UserError {
  return new UserError({
    code: 'not_replayable',
    exit: EXIT.failed,
    message: 'that request cannot be sent again',
    why,
    fix: [fix],
  });
}
