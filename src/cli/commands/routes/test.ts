import { EXIT, UserError } from '../../../errors.ts';
import type { CostState } from '../../../exchange.ts';
import type { RouteTestEvent } from '../../../server/index.ts';
import { connect } from '../../client.ts';
import type { Context } from '../../context.ts';
import { hint } from '../../hint.ts';
import {
  jsonFields,
  jsonText,
  type Look,
  lookOf,
  money,
  plural,
  safeText,
  shortDuration,
  wrap,
} from '../../render/index.ts';
import { type QuestionFlags, readQuestion } from './question.ts';
import { refused } from './refused.ts';
import { rulingLines } from './tree.ts';

/** What of an exchange's JSON a hop shows. */
interface HopExchange {
  id: string;
  status: number | null;
  outcome: string;
  ttftMs: number | null;
  totalMs: number | null;
  costNanoUsd: number | null;
  costState: CostState;
  errorCode: string | null;
  errorMessage: string | null;
}

interface Hop {
  target: string;
  exchange: HopExchange;
}

/**
 * `routes test M`: one tiny real request to every target of the plan, in order, through the running server.
 * @throws UserError `not_running` (exit 5), `test_failed` (exit 7) when none answers, or as a client would be refused
 */
export async function testRoutes(context: Context, model: string, flags: QuestionFlags): Promise<void> {
  const question = readQuestion(model, flags, context);
  const client = await connect(context);
  const look = lookOf(context, context.stdout);
  const hops: Hop[] = [];
  let plan: Extract<RouteTestEvent, { type: 'plan' }>['answer'] | undefined;
  await client.testRoute(question, (event) => {
    if (event.type === 'plan') {
      plan = event.answer;
      if (!plan.ok) throw refused(plan.error);
      const { length } = plan.explanation.targets;
      hint(context, `This costs a few tokens at ${plural(length, 'target')}.`);
      if (!context.json) context.stdout.write(`${rulingLines(plan.explanation, look).join('\n')}\n\n`);
      return;
    }
    const hop: Hop = { target: event.target, exchange: event.exchange as unknown as HopExchange };
    hops.push(hop);
    if (!context.json) context.stdout.write(hopText(hop, look));
  });
  if (context.json && plan?.ok) {
    const { explanation } = plan;
    const answer = { ...explanation, hops: hops.map(({ target, exchange }) => ({ target, ...exchange })) };
    context.stdout.write(jsonText(jsonFields([answer], context.json)[0]));
  }
  if (hops.some(answered)) return;
  throw new UserError({
    code: 'test_failed',
    exit: EXIT.upstream,
    message: `no target of ${model} answers`,
    fix: hops.length > 0 ? [`{cmd} logs show ${hops.at(-1)?.exchange.id}`] : ['{cmd} status'],
  });
}

const answered = ({ exchange }: Hop): boolean => exchange.outcome === 'ok';

/** `● anthropic/claude-opus-4-5   200   ttft 0.84s   $0.0001`, and below it why not. */
function hopText({ target, exchange }: Hop, { glyphs, style, width }: Look): string {
  const good = exchange.outcome === 'ok';
  const sign = good ? style.green(glyphs.dot) : style.red(glyphs.cross);
  const facts = [
    String(exchange.status ?? 'no answer'),
    ...(exchange.ttftMs === null ? [] : [`ttft ${shortDuration(exchange.ttftMs, 2)}`]),
    ...(exchange.totalMs === null ? [] : [`total ${shortDuration(exchange.totalMs, 2)}`]),
    money(exchange.costNanoUsd, exchange.costState, glyphs.none),
  ];
  const name = safeText(target);
  const line = `${name}   ${facts.join('   ')}`;
  const lines =
    line.length + 4 <= width ? [`  ${sign} ${line}`] : [`  ${sign} ${name}`, `    ${facts.join('   ')}`];
  const why = good ? [] : wrap(safeText(exchange.errorMessage ?? exchange.outcome), width - 4);
  return [...lines, ...why.map((one) => `    ${one}`)].map((one) => `${one}\n`).join('');
}
