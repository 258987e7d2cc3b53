import { jsonLine } from '../../render/index.ts';

/** A text as one word of a POSIX shell. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/**
 * A chat request for a POSIX shell, one line an item: together they can be pasted as they are. The JSON is broken where
 * a shell and a parser do not mind, when it is too long for a line.
 */
export function tryIt(
  request: { url: string; token: string | null; model: string },
  width: number,
): string[] {
  const model = jsonLine(request.model).trimEnd();
  const head = `{"model":${model},"stream":true,`;
  const tail = '"messages":[{"role":"user","content":"hi"}]}';
  const flags = [
    ...(request.token === null ? [] : [`-H ${quoted(`authorization: Bearer ${request.token}`)} \\`]),
    "-H 'content-type: application/json' \\",
  ];
  const indent = Math.max(...flags.map((flag) => flag.length)) + INDENT <= width ? INDENT : 0;
  const data = quoted(head + tail);
  const fits = indent + '-d '.length + data.length <= width;
  return [
    `curl -N ${request.url}/v1/chat/completions \\`,
    ...[...flags, ...(fits ? [`-d ${data}`] : `-d ${quoted(`${head}\n${tail}`)}`.split('\n'))].map(
      (line) => ' '.repeat(indent) + line,
    ),
  ];
}

const INDENT = 2;
