import { AGENTS, type Agent } from '../../../agents/index.ts';
import { closest } from '../../../catalog/index.ts';
import { EXIT, UserError } from '../../../errors.ts';

/** Error 19. */
export function notInstalled(command: string, agent: Agent | undefined): UserError {
  const near = agent
    ? []
    : closest(
        command,
        AGENTS.flatMap(({ binaries }) => binaries),
        1,
      );
  const fix = agent
    ? [`${agent.install}     then  {cmd} run -- ${agent.id}`]
    : near.length > 0
      ? [`did you mean ${near[0]}?     {cmd} run -- ${near[0]}`]
      : ['give its path:  {cmd} run -- ./its/path'];
  return new UserError({
    code: 'agent_not_found',
    exit: EXIT.notInstalled,
    message: `${command} is not installed`,
    why: 'not on PATH, nor in ~/.local/bin, ~/.npm-global/bin',
    fix,
  });
}

/** Error 23. */
export function unsupported({ name, refusal }: Agent): UserError {
  return new UserError({
    code: 'agent_unsupported',
    exit: EXIT.failed,
    message: `${name} cannot use a local address`,
    ...(refusal ? { why: refusal.why, fix: [refusal.instead] } : {}),
  });
}
