import { createCatalog } from '../catalog/index.ts';
import { budgetMisfits } from './budget-misfits.ts';
import { ruleName } from './build.ts';
import { type Misfit, pathText } from './misfit.ts';
import type { Settings } from './schema/settings.ts';
import { withoutKeys } from './secrets.ts';
import { closest } from './suggest.ts';

type AliasSettings = NonNullable<Settings['aliases']>[string];

/** A model name somewhere in the file. */
interface Mention {
  path: readonly PropertyKey[];
  name: string;
}

const each = (path: readonly PropertyKey[], value: string | readonly string[]): Mention[] =>
  typeof value === 'string'
    ? [{ path, name: value }]
    : value.map((name, index) => ({ path: [...path, index], name }));

/** The models of an alias, each where it stands. */
function mentionsOf(name: string, alias: AliasSettings): Mention[] {
  const path = ['aliases', name];
  if (typeof alias === 'string' || Array.isArray(alias)) return each(path, alias);
  if ('cheapest' in alias) return each([...path, 'cheapest'], alias.cheapest);
  if ('fastest' in alias) return each([...path, 'fastest'], alias.fastest);
  return Object.keys(alias.weighted).map((target) => ({ path: [...path, 'weighted', target], name: target }));
}

const aliasMentions = ({ aliases = {} }: Settings): Mention[] =>
  Object.entries(aliases).flatMap(([name, alias]) => mentionsOf(name, alias));

/** Where rules and budgets send. */
const routeMentions = ({ routes = [], budget, budgets = [] }: Settings): Mention[] => [
  ...routes.flatMap((rule, index) => each(['routes', index, 'to'], rule.to)),
  ...(typeof budget === 'object' ? each(['budget', 'to'], budget.to ?? []) : []),
  ...budgets.flatMap(({ to }, index) => each(['budgets', index, 'to'], to ?? [])),
];

type FindProvider = (id: string) => { id: string } | undefined;

/** Names under which rows of the log stand that no rule of the user's decided. */
const TAKEN: ReadonlySet<string> = new Set(['default', 'small', 'demo', 'default model', 'unknown model']);

function ruleNames({ routes = [] }: Settings): Misfit[] {
  const seen = new Map<string, number>();
  return routes.flatMap((rule, index): Misfit[] => {
    const name = ruleName(rule, index);
    const first = seen.get(name);
    const path =
      rule.name === undefined && first !== undefined ? ['routes', first, 'name'] : ['routes', index, 'name'];
    if (first !== undefined)
      return [{ path, message: `two rules are named "${name}"`, hint: 'give one of them another name' }];
    seen.set(name, index);
    if (!TAKEN.has(name)) return [];
    return [
      {
        path,
        message: `a rule cannot be named "${name}": that stands for what happens without one`,
        hint: 'choose another name',
      },
    ];
  });
}

function spans({ routes = [] }: Settings): Misfit[] {
  return routes.flatMap(({ when }, index): Misfit[] => {
    const [from, to] = when?.time?.split('-') ?? [];
    if (from === undefined || from !== to) return [];
    const path = ['routes', index, 'when', 'time'];
    return [
      { path, message: `${pathText(path)} begins when it ends`, hint: 'leave it out for the whole day' },
    ];
  });
}

function shares({ aliases = {} }: Settings): Misfit[] {
  return Object.entries(aliases).flatMap(([name, alias]): Misfit[] => {
    if (typeof alias === 'string' || !('weighted' in alias)) return [];
    if (Object.values(alias.weighted).some((share) => share > 0)) return [];
    const path = ['aliases', name, 'weighted'];
    return [
      { path, message: `${pathText(path)} gives no model a share`, hint: 'such as { a/x: 70, b/x: 30 }' },
    ];
  });
}

/** `provider/*` keeps the model that was asked for, so it makes sense only in a rule. */
function stars(settings: Settings, find: FindProvider): Misfit[] {
  const single = (['default', 'small'] as const).flatMap((name) => each([name], settings[name] ?? []));
  const elsewhere = [...single, ...aliasMentions(settings)]
    .filter(({ name }) => name.includes('*'))
    .map(({ path }) => ({
      path,
      message: `${pathText(path)} must be one model`,
      hint: 'PROVIDER/* is for the "to" of a rule',
    }));
  const rules = routeMentions(settings)
    .filter(({ name }) => name.includes('*'))
    .flatMap(({ path, name }): Misfit[] => {
      const id = name.slice(0, -2);
      if (!name.endsWith('/*') || id.includes('*'))
        return [{ path, message: `${pathText(path)} must be a model, or PROVIDER/*` }];
      return find(id)
        ? []
        : [{ path, message: `${pathText(path)}: there is no provider "${id}"`, ...didYouMean(id) }];
    });
  return [...elsewhere, ...rules];
}

function didYouMean(id: string): { hint?: string } {
  const ids = createCatalog()
    .providers()
    .map((provider) => provider.id);
  const near = closest(id, ids);
  return near === undefined ? {} : { hint: `did you mean "${near}"?` };
}

/** Names of the settings that a model name may stand for. */
const SETTINGS: Readonly<Record<string, 'default' | 'small'>> = {
  default: 'default',
  auto: 'default',
  small: 'small',
};

/** A name that stands for other names, and where it says so. */
interface Knot {
  path: readonly string[];
  leads: readonly string[];
}

/** What a model name leads to, as long as that is another name of this file. */
function knotOf(name: string, settings: Settings, find: FindProvider): Knot | undefined {
  const slash = name.indexOf('/');
  if (slash > 0 && find(name.slice(0, slash))) return undefined;
  const { aliases = {} } = settings;
  if (Object.hasOwn(aliases, name)) {
    const leads = mentionsOf(name, aliases[name] ?? []).map((mention) => mention.name);
    return { path: ['aliases', name], leads };
  }
  const setting = Object.hasOwn(SETTINGS, name) ? SETTINGS[name] : undefined;
  const model = setting && settings[setting];
  return setting && model !== undefined ? { path: [setting], leads: [model] } : undefined;
}

/** Longer chains are nobody's; what lies behind is reached from its own name. */
const DEEPEST = 200;

/** Aliases, `default` and `small` that lead back to themselves; each circle once. */
function circles(settings: Settings, find: FindProvider): Misfit[] {
  const done = new Set<string>();
  const found: Misfit[] = [];
  const walk = (name: string, trail: readonly string[]): void => {
    const knot = knotOf(name, settings, find);
    if (!knot) return;
    const id = pathText(knot.path);
    if (trail.includes(id)) found.push(circle(knot, [...trail.slice(trail.indexOf(id)), id]));
    else if (!done.has(id) && trail.length < DEEPEST) {
      for (const next of knot.leads) walk(next, [...trail, id]);
      done.add(id);
    }
  };
  for (const name of ['auto', 'default', 'small', ...Object.keys(settings.aliases ?? {})]) walk(name, []);
  return found;
}

function circle({ path }: Knot, ids: readonly string[]): Misfit {
  const [label = ''] = path.slice(-1);
  const way = ids.map((id) => id.replace(/^aliases\./, '')).join(' -> ');
  return {
    path,
    message: `"${label}" stands for itself`,
    ...(ids.length > 2 && way.length < 100 ? { hint: way } : {}),
  };
}

/** Finds a provider as a server with this file would. */
const finder = ({ providers = {} }: Settings): FindProvider =>
  createCatalog({ providers: new Map(Object.keys(providers).map((id) => [id, {}])) }).provider;

/** What is wrong with a file whose every value is right by itself. */
export function misfits(settings: Settings): Misfit[] {
  const find = finder(settings);
  return [
    ...ruleNames(settings),
    ...spans(settings),
    ...shares(settings),
    ...stars(settings, find),
    ...circles(settings, find),
    ...budgetMisfits(settings),
  ];
}

/** Targets whose part in front of the slash is no provider: a slip, or a model id with a slash in it. */
export function strangers(settings: Settings): Misfit[] {
  const find = finder(settings);
  return [...aliasMentions(settings), ...routeMentions(settings)].flatMap(({ path, name }): Misfit[] => {
    const slash = name.indexOf('/');
    const id = name.slice(0, Math.max(0, slash));
    if (id === '' || find(id) || name.endsWith('/*')) return [];
    if (Object.hasOwn(settings.aliases ?? {}, name)) return [];
    const message = `there is no provider "${withoutKeys(id)}", so this is read as a model's own name`;
    return [{ path, message, ...didYouMean(id) }];
  });
}
