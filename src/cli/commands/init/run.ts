import { UserError } from '../../../errors.ts';
import { cancelled, isInterrupt } from '../../ask.ts';
import type { Context } from '../../context.ts';
import { hint } from '../../hint.ts';
import { jsonFields, jsonText, lookOf, pad, safeText, wrap } from '../../render/index.ts';
import { agentStep } from './agent.ts';
import { defaultStep } from './default.ts';
import { keysStep } from './keys.ts';
import type { Outcome, Step, Wizard } from './step.ts';
import { testStep } from './test.ts';

const STEPS: readonly Step[] = [
  { id: 'keys', title: 'Keys', run: keysStep },
  { id: 'default', title: 'Default', run: defaultStep },
  { id: 'agent', title: 'Agent', run: agentStep },
  { id: 'test', title: 'Test', run: testStep },
];

/**
 * `init`: the steps in order. One that fails says why, and the next one is asked all the same. Every step does what a
 * command of its own does, so whatever ends this leaves nothing half done. @throws UserError `cancelled` (exit 130)
 */
export async function runInit(context: Context): Promise<void> {
  const asks = context.interactive && !context.json && !context.yes;
  const wizard: Wizard = { context, asks, acts: context.yes, local: [] };
  const outcomes: { step: string; outcome: Outcome }[] = [];
  for (const [i, step] of STEPS.entries()) {
    const outcome = await outcomeOf(step, wizard, i);
    outcomes.push({ step: step.id, outcome });
    if (!context.json) tell(context, `${i + 1}/${STEPS.length} ${step.title}`, outcome);
  }
  if (context.json) {
    const rows = outcomes.map(({ step, outcome }) => ({
      step,
      ...outcome,
      command: outcome.command === null ? null : `${context.prefix} ${outcome.command}`,
    }));
    context.stdout.write(jsonText(jsonFields(rows, context.json)));
    return;
  }
  const { prefix } = context;
  hint(
    context,
    asks || context.yes
      ? `Done. Nothing else was written. Start: ${prefix} serve     change answers: ${prefix} init`
      : `Nothing was written. In a terminal "${prefix} init" asks; start: ${prefix} serve`,
  );
}

async function outcomeOf(step: Step, wizard: Wizard, done: number): Promise<Outcome> {
  try {
    return await step.run(wizard);
  } catch (problem) {
    if (isInterrupt(problem))
      throw cancelled(
        `stopped at step ${done + 1} of ${STEPS.length}; what was done before stays`,
        '{cmd} init     asks again',
      );
    if (!(problem instanceof UserError)) throw problem;
    const [fix] = problem.fix;
    const why = problem.why === undefined ? '' : ` (${problem.why})`;
    return {
      done: false,
      text: `${problem.message}${why}${fix === undefined ? '' : `; ${fix}`}`.replaceAll(
        '{cmd}',
        wizard.context.prefix,
      ),
      command: null,
    };
  }
}

const LABEL = 14;

/** `2/4 Default   gpt-5-codex`, and below it the command that is left to type. */
function tell(context: Context, label: string, { done, text, command }: Outcome): void {
  const { glyphs, style, width } = lookOf(context, context.stdout);
  const sign = done ? style.green(glyphs.dot) : style.dim(glyphs.circle);
  const room = width - LABEL - 2;
  const lines = [
    ...wrap(safeText(text), room).map((line, i) => `${i === 0 ? sign : ' '} ${line}`),
    ...(command === null ? [] : [`  ${style.dim(`${context.prefix} ${command}`)}`]),
  ];
  context.stdout.write(lines.map((line, i) => `${pad(i === 0 ? label : '', LABEL)}${line}\n`).join(''));
}
