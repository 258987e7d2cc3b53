/** How a program is started. */
interface Call {
  program: string;
  args: readonly string[];
  /** The arguments are quoted already: Windows gets them as they are. */
  verbatim: boolean;
}

/** Signs that mean something to cmd.exe, quotes and blanks included. */
const META = /[()\][%!^"`<>&|;, *?]/g;

/** So that a program's own parser gives it back: https://learn.microsoft.com/cpp/c-language/parsing-c-command-line-arguments */
const quoted = (text: string): string => `"${text.replace(/(\\*)"/g, '$1$1\\"').replace(/(\\*)$/, '$1$1')}"`;

const escaped = (text: string): string => text.replace(META, '^$&');

/**
 * A call of a batch file (`codex.cmd`), which Windows starts only through its shell. The shell reads the line once, and
 * the file hands its arguments to another line that is read again: so they are escaped twice.
 * @param shell `%ComSpec%`
 */
export function batchCall(program: string, args: readonly string[], shell = 'cmd.exe'): Call {
  const line = [escaped(program), ...args.map((arg) => escaped(escaped(quoted(arg))))].join(' ');
  return { program: shell, args: ['/d', '/s', '/c', `"${line}"`], verbatim: true };
}
