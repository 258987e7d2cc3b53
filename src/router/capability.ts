import type { ModelInfo } from '../catalog/index.ts';
import type { Asking } from './asking.ts';
import type { PassedOver, RequestFacts, Target } from './types.ts';
import { targetId, tokensText } from './words.ts';

/** Why a target cannot serve a request. */
export interface Objection {
  target: Target;
  /** `tools`, `images` and `documents` are things that the model cannot do. */
  what: 'context' | 'tools' | 'images' | 'documents';
  /** For people: `takes 200k tokens, the request has about 431k`. */
  why: string;
  /** Only a reason to prefer another target: it may well work. */
  weak: boolean;
  /** Tokens that the model takes; for `context`. */
  limit: number | null;
}

/** Our count is an estimate: a request that is a little too long by it may fit. */
const TOLERANCE = 1.05;

function contextObjection(
  { context }: ModelInfo,
  { request, facts }: Asking,
): Omit<Objection, 'target'> | null {
  if (context === null) return null;
  if (request.mostInputTokens !== undefined && request.mostInputTokens <= context) return null;
  const tokens = facts()?.inputTokens;
  if (tokens === undefined || tokens <= context) return null;
  return {
    what: 'context',
    why: `takes ${tokensText(context)} tokens, the request has about ${tokensText(tokens)}`,
    weak: tokens <= context * TOLERANCE,
    limit: context,
  };
}

/** What models may be unable to do, as far as the catalog says so; what it does not know is no objection. */
const ABILITIES: readonly {
  what: keyof RequestFacts & Objection['what'];
  lacks(info: ModelInfo): boolean;
  why: string;
  weak: boolean;
}[] = [
  { what: 'tools', lacks: ({ tools }) => tools === false, why: 'cannot use tools', weak: false },
  { what: 'images', lacks: ({ vision }) => vision === false, why: 'cannot read images', weak: false },
  // Some sellers read the text of a document for a model that cannot.
  { what: 'documents', lacks: ({ vision }) => vision === false, why: 'may not read documents', weak: true },
];

function objectionTo(target: Target, asking: Asking): Objection | null {
  const info = asking.state.catalog.info(target.provider.id, target.model);
  if (!info) return null;
  const found: Omit<Objection, 'target'>[] = ABILITIES.filter(
    ({ what, lacks }) => lacks(info) && asking.facts()?.[what] === true,
  ).map(({ what, why, weak }) => ({ what, why, weak, limit: null }));
  const tooLong = contextObjection(info, asking);
  if (tooLong) found.push(tooLong);
  const worst = found.find(({ weak }) => !weak) ?? found[0];
  return worst ? { target, ...worst } : null;
}

/**
 * The targets that can serve the request; those that only may be able to count when there is no better one. None = the
 * objections say why.
 */
export function ableTargets(
  targets: readonly Target[],
  asking: Asking,
): { able: Target[]; passedOver: PassedOver[]; objections: Objection[] } {
  if (asking.request.endpoint !== 'generate') return { able: [...targets], passedOver: [], objections: [] };
  const looked = targets.map((target) => ({ target, objection: objectionTo(target, asking) }));
  const fine = looked.filter(({ objection }) => objection === null);
  const able = fine.length > 0 ? fine : looked.filter(({ objection }) => objection?.weak);
  const objections = looked.filter((one) => !able.includes(one)).flatMap(({ objection }) => objection ?? []);
  return {
    able: able.map(({ target }) => target),
    passedOver: objections.map(({ target, why }) => ({ target: targetId(target), why })),
    objections,
  };
}
