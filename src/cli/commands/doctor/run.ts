import { loadConfig } from '../../../config/index.ts';
import { EXIT } from '../../../errors.ts';
import { findServer } from '../../../home/index.ts';
import type { Context } from '../../context.ts';
import { jsonFields, jsonText, type Look, lookOf, plural, safeText, wrap } from '../../render/index.ts';
import { usageError } from '../../usage-error.ts';
import { CHECKS } from './checks/index.ts';
import type { Facts, Finding, State } from './finding.ts';

/** Flags of `doctor`. */
export interface DoctorFlags {
  fix?: true;
  offline?: true;
  agent?: string;
  /** true, or the file of a crash to put in. */
  bugReport?: true | string;
}

/** A finding of one check. */
export type Told = Finding & { check: string };

/** `doctor`: looks at everything, tells it, repairs what it may. Exit 7 when something is bad and stays so. */
export async function runDoctor(context: Context, flags: DoctorFlags): Promise<void> {
  if (flags.fix && !context.yes && !context.interactive)
    throw usageError('--fix asks before it repairs, and there is nobody to ask', '{cmd} doctor --fix -y');
  const findings = await lookAt(context, flags);
  if (flags.bugReport !== undefined) {
    const { printBugReport } = await import('./bug-report.ts');
    return printBugReport(context, findings, flags.bugReport === true ? null : flags.bugReport);
  }
  const look = lookOf(context, context.stdout);
  if (!context.json) for (const finding of findings) tell(context, finding, look);
  const repaired = flags.fix ? await repairAll(context, findings) : new Map<Told, string>();
  const left = findings.filter((one) => !repaired.has(one));
  if (context.json) answerJson(context, findings, repaired);
  else tellSum(context, left, look);
  if (left.some(({ state }) => state === 'bad')) context.exit(EXIT.upstream);
}

async function lookAt(context: Context, flags: DoctorFlags): Promise<Told[]> {
  const loaded = await loadConfig(context.paths.configFile);
  const facts: Facts = {
    context,
    config: loaded.ok ? loaded.config : null,
    server: await findServer(context.paths),
    offline: flags.offline === true,
    agent: flags.agent ?? null,
  };
  const all = await Promise.all(CHECKS.map(({ look }) => look(facts)));
  return all.flatMap((findings, i) => findings.map((one) => ({ ...one, check: CHECKS[i]?.id ?? '' })));
}

const SIGNS = {
  ok: ['dot', 'green'],
  skip: ['circle', 'dim'],
  warn: ['warn', 'yellow'],
  bad: ['cross', 'red'],
} as const satisfies Record<State, readonly [string, string]>;

function tell({ stdout, prefix }: Context, finding: Told, { glyphs, style, width }: Look): void {
  const [sign, colour] = SIGNS[finding.state];
  const head = wrap(safeText(finding.text), width - 2);
  stdout.write(head.map((line, i) => `${i === 0 ? style[colour](glyphs[sign]) : ' '} ${line}\n`).join(''));
  for (const [label, text] of [
    ['why', finding.why],
    ['fix', finding.fix?.replaceAll('{cmd}', prefix)],
  ] as const) {
    const lines = text === undefined ? [] : wrap(safeText(text), width - INDENT);
    stdout.write(lines.map((line, i) => `    ${i === 0 ? style.dim(label) : '   '}  ${line}\n`).join(''));
  }
}

const INDENT = 9;

function tellSum({ stdout, prefix }: Context, left: readonly Told[], { width }: Look): void {
  const bad = left.filter(({ state }) => state === 'bad').length;
  const warnings = left.filter(({ state }) => state === 'warn').length;
  const repairable = left.filter(({ repair }) => repair).length;
  const sum = [
    ...(bad > 0 ? [plural(bad, 'problem')] : []),
    ...(warnings > 0 ? [plural(warnings, 'warning')] : []),
  ].join(', ');
  const fix = repairable > 0 ? `  ${prefix} doctor --fix repairs ${repairable} of them after asking.` : '';
  const text = sum === '' ? 'Everything is fine.' : `${sum}.${fix}`;
  stdout.write(`\n${wrap(text, width).join('\n')}\n`);
}

/** What was repaired, with what was done. */
async function repairAll(context: Context, findings: readonly Told[]): Promise<Map<Told, string>> {
  const done = new Map<Told, string>();
  for (const finding of findings) {
    if (!finding.repair || !(context.yes || (await agreed(context, finding)))) continue;
    const text = await finding.repair();
    done.set(finding, text);
    if (!context.json) context.stdout.write(`${safeText(text)}\n`);
  }
  return done;
}

async function agreed(context: Context, { text, fix }: Told): Promise<boolean> {
  const { confirm } = await import('@clack/prompts');
  const answer = await confirm({
    message: safeText(`${text}: ${fix ?? 'repair it'}?`),
    initialValue: false,
    input: context.stdin,
    output: context.stderr.stream,
  });
  return answer === true;
}

const FIELDS = ['check', 'state', 'message', 'why', 'fix', 'repaired'];

function answerJson(context: Context, findings: readonly Told[], repaired: ReadonlyMap<Told, string>): void {
  const rows = findings.map((one) => ({
    check: one.check,
    state: one.state,
    message: one.text,
    why: one.why ?? null,
    fix: one.fix?.replaceAll('{cmd}', context.prefix) ?? null,
    repaired: repaired.get(one) ?? null,
  }));
  context.stdout.write(jsonText(jsonFields(rows, context.json ?? [], FIELDS)));
}
