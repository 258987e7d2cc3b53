import { basename, resolve } from 'node:path';
import { type Config, invalidConfig, loadConfig } from '../../../config/index.ts';
import { EXIT, UserError } from '../../../errors.ts';
import type { Context } from '../../context.ts';
import { jsonFields, jsonText, lookOf, plural, safeText, wrap } from '../../render/index.ts';

/** `config validate [FILE]`: every mistake with its place (exit 3), or what the file says. */
export async function validateFile(context: Context, name: string | undefined): Promise<void> {
  const file = name === undefined ? context.paths.configFile : resolve(context.cwd, name);
  const result = await loadConfig(file);
  if (result.ok && !result.exists && name !== undefined) throw noFile(name);
  if (context.json) {
    const answer = {
      file,
      valid: result.ok,
      exists: result.ok ? result.exists : true,
      problems: result.ok
        ? []
        : result.problems.map(({ line, column, length, message, hint }) => ({
            line,
            column,
            length,
            message,
            hint: hint ?? null,
          })),
      warnings: result.ok ? result.warnings : [],
    };
    context.stdout.write(jsonText(jsonFields([answer], context.json)[0]));
    if (!result.ok) context.exit(EXIT.config);
    return;
  }
  if (!result.ok) throw invalid(invalidConfig(result.problems, result.source), name);
  const { width, style } = lookOf(context, context.stderr);
  for (const warning of result.warnings)
    context.stderr.write(
      `${wrap(safeText(`warning: ${warning}`), width).join('\n')}\n`.replace(
        'warning:',
        style.yellow('warning:'),
      ),
    );
  context.stdout.write(`${verdict(context, file, result.config, result.exists)}\n`);
}

/** `config edit` mends only the file in use. */
function invalid(error: UserError, name: string | undefined): UserError {
  if (name === undefined) return error;
  const { code, exit, message } = error;
  return new UserError({ code, exit, message, fix: [`{cmd} config validate ${name}     when it is mended`] });
}

function noFile(name: string): UserError {
  return new UserError({
    code: 'no_file',
    exit: EXIT.nothingFound,
    message: `there is no file ${name}`,
    fix: ['{cmd} config path     shows the one in use'],
  });
}

function verdict(context: Context, file: string, config: Config, exists: boolean): string {
  const look = lookOf(context, context.stdout);
  if (!exists)
    return wrap(
      safeText(`There is no ${basename(file)} yet: every setting has its default`),
      look.width,
    ).join('\n');
  const counted = [
    config.default === null ? '' : `default ${config.default}`,
    countOf(config.aliases.size, 'alias', 'aliases'),
    countOf(config.fallbacks.size, 'fallback'),
    countOf(config.providers.size, 'provider'),
    countOf(config.prices.size, 'price'),
  ].filter((part) => part !== '');
  const line = `${look.glyphs.dot} ${[`${basename(file)} is valid`, ...counted].join(', ')}`;
  return wrap(safeText(line), look.width)
    .join('\n')
    .replace(look.glyphs.dot, look.style.green(look.glyphs.dot));
}

const countOf = (count: number, one: string, many?: string): string =>
  count === 0 ? '' : plural(count, one, many);
