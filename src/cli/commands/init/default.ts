import { cancelled } from '../../ask.ts';
import { bestPlace, readName } from '../../model-name.ts';
import { loadShelves, type Shelves } from '../../shelves.ts';
import { isRetired, limit, tokenPrice } from '../models/cells.ts';
import { type Offer, offersOf, sortOffers } from '../models/offers.ts';
import { writeDefault } from '../use/change.ts';
import { type Outcome, SKIP, type Wizard } from './step.ts';

/** The model that answers "default": kept, or chosen among those that can be called. Nobody chooses for the user. */
export async function defaultStep(wizard: Wizard): Promise<Outcome> {
  const shelves = await loadShelves(wizard.context);
  const choices = choicesOf(wizard, shelves);
  if (!wizard.asks || choices.length === 0) return standing(shelves, shelves.defaultModel);
  const picked = await choose(wizard, shelves.defaultModel, choices);
  if (picked === SKIP) return standing(shelves, shelves.defaultModel);
  await writeDefault(wizard.context, shelves.config.default, picked);
  return standing(shelves, picked);
}

function standing(shelves: Shelves, model: string | null): Outcome {
  if (model === null)
    return { done: false, text: 'none; agents that name a model need none', command: 'use <model>' };
  const reading = readName(model, shelves);
  const seller = reading && bestPlace(reading).provider.id;
  return { done: true, text: seller ? `${model} (${seller})` : model, command: null };
}

interface Choice {
  value: string;
  label: string;
  hint: string;
}

/** What agents can work with; models of local servers may be in no list yet. */
function choicesOf({ local }: Wizard, shelves: Shelves): Choice[] {
  const offers = sortOffers(offersOf({ all: false, everySeller: false, provider: null }, shelves));
  const listed = offers
    .filter(({ info, provider }) => provider.kind !== 'demo' && info.tools !== false && !isRetired(info))
    .map(choiceOf);
  const own = local.flatMap(({ provider, name, models }) =>
    models.map((id) => ({ value: `${provider}/${id}`, label: `${provider}/${id}`, hint: name })),
  );
  const byValue = new Map([...own, ...listed].map((choice) => [choice.value, choice]));
  return [...byValue.values()];
}

function choiceOf({ model, info, price, provider }: Offer): Choice {
  const [input, output] = (['input', 'output'] as const).map((part) => tokenPrice(price, provider, part));
  const cost = input === output && !/\d/.test(input ?? '') ? input : `$${input} / $${output}`;
  return { value: model, label: model, hint: `${cost}, ${limit(info.context, '?')} context` };
}

const MOST_SHOWN = 8;

async function choose(
  { context }: Wizard,
  present: string | null,
  choices: readonly Choice[],
): Promise<string> {
  const { autocomplete, isCancel } = await import('@clack/prompts');
  const keep =
    present === null
      ? { label: 'none', hint: 'agents name their own' }
      : { label: `keep ${present}`, hint: 'as it is' };
  const picked = await autocomplete({
    message: 'Which model answers "default"? (type to filter)',
    options: [{ value: SKIP, ...keep }, ...choices],
    maxItems: MOST_SHOWN,
    input: context.stdin,
    output: context.stderr.stream,
  });
  if (isCancel(picked)) throw cancelled('the default is as it was');
  return picked;
}
