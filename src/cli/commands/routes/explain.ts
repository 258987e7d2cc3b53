import type { RouteQuestion } from '../../../router/index.ts';
import type { RouteAnswer } from '../../../server/index.ts';
import { findClient } from '../../client.ts';
import type { Context } from '../../context.ts';
import { hint } from '../../hint.ts';
import { jsonFields, jsonText, lookOf } from '../../render/index.ts';
import { budgetJson } from '../budget/list.ts';
import { type QuestionFlags, readQuestion } from './question.ts';
import { refused } from './refused.ts';
import { routeTree } from './tree.ts';

/**
 * `routes explain M`: where a request would go and why. A running server is asked, because it has measured; without one
 * the files answer, and it is said.
 * @throws UserError as a client would be refused (exit 9: unknown model, 4: no key)
 */
export async function explainRoutes(context: Context, model: string, flags: QuestionFlags): Promise<void> {
  const { answer, live } = await ask(readQuestion(model, flags, context), context);
  if (!answer.ok) throw refused(answer.error);
  const { explanation, budgets } = answer;
  if (context.json) {
    context.stdout.write(
      jsonText(jsonFields([{ ...explanation, budgets: budgets.map(budgetJson), live }], context.json)[0]),
    );
    return;
  }
  context.stdout.write(routeTree(explanation, { look: lookOf(context, context.stdout), live, budgets }));
  const test = `${context.prefix} routes test ${model}`;
  hint(
    context,
    live
      ? `Not sent: this is a dry run. Send a few real tokens: ${test}`
      : `Answered from files: no unorouter runs here, so health and sessions are not known.`,
  );
}

async function ask(
  question: RouteQuestion,
  context: Context,
): Promise<{ answer: RouteAnswer; live: boolean }> {
  const client = await findClient(context);
  if (client) return { answer: await client.explainRoute(question), live: true };
  const { answerFromFiles } = await import('./state.ts');
  return { answer: await answerFromFiles(question, context), live: false };
}
