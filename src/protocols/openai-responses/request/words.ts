import { asArray, asObject, asText, type JsonObject } from '../../../pivot/index.ts';

type Words = (item: JsonObject) => string | undefined;

const ran: Words = ({ action }) => {
  const { command, commands } = asObject(action);
  const lines = commands === undefined ? asArray(command).join(' ') : asArray(commands).join('\n');
  return lines === '' ? undefined : `I ran in the shell:\n${lines}`;
};

const printed: Words = ({ output }) => {
  if (typeof output === 'string') return output;
  const chunks = asArray(output).flatMap((chunk) => {
    const { stdout, stderr } = asObject(chunk);
    return [asText(stdout) ?? [], asText(stderr) ?? []].flat();
  });
  return chunks.length === 0 ? undefined : chunks.join('\n');
};

const called: Words = ({ name, arguments: args, output, error }) =>
  asText(name) &&
  `I called ${String(name)} with ${asText(args) ?? '{}'} and got:\n${asText(output) ?? asText(error) ?? '(empty)'}`;

/** What happened, of items whose loss would leave the rest of the conversation without ground. */
const WORDS: ReadonlyMap<string, Words> = new Map<string, Words>([
  ['local_shell_call', ran],
  ['shell_call', ran],
  ['local_shell_call_output', printed],
  ['shell_call_output', printed],
  ['mcp_call', called],
]);

/** A built-in tool's item in words, for wires that have no such tool. */
export function inWords(type: string, item: JsonObject): { text?: string } {
  const text = WORDS.get(type)?.(item);
  return text === undefined || text === '' ? {} : { text };
}
