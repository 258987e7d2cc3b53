import type { AgentState } from '../../../agents/index.ts';
import { EXIT, UserError } from '../../../errors.ts';
import type { Context } from '../../context.ts';
import { homeShort } from '../use/show.ts';

/** Error 21: another setting of the agent beats the one that leads here. `setup_overridden`, exit 1. */
export function overridden(context: Context, { id, name, overriddenBy }: AgentState): UserError {
  const { file, line, setting } = overriddenBy ?? { file: null, line: null, setting: '' };
  const where =
    file === null ? setting : `${homeShort(file, context.env)}${line === null ? '' : ` line ${line}`}`;
  return new UserError({
    code: 'setup_overridden',
    exit: EXIT.failed,
    message: `${name} would not come through unorouter`,
    why: file === null ? `${where} is set and wins` : `${where} sets ${setting.split('.').at(-1)} and wins`,
    fix: [
      file === null
        ? `unset ${setting.slice(1)}`
        : id === 'claude'
          ? '{cmd} setup claude --scope project'
          : `take ${setting} out of ${where}`,
      `or for one session: {cmd} run -- ${id}`,
    ],
  });
}
