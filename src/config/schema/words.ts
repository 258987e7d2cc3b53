import type { ProtocolId } from '../../protocols/protocol.ts';
import { textLike } from './leaves.ts';

/** A list of all members of a union of words. One that is missing is a compile error where the list stands. */
export const every =
  <Word extends string>() =>
  <const List extends readonly Word[]>(
    ...words: [Word] extends [List[number]] ? List : [missing: Exclude<Word, List[number]>]
  ): readonly Word[] =>
    words;

/** Every wire language. */
export const PROTOCOLS = every<ProtocolId>()(
  'openai-chat',
  'openai-responses',
  'anthropic-messages',
  'gemini',
);

/** `claude-sonnet-4-5`, `openrouter/glm-4.6` or an alias. */
export const modelName = textLike(/^\S{1,200}$/, 'a model name without spaces (quote it if it is a number)');

/** As in the catalog: `openai`, `together.ai`. */
export const providerId = textLike(
  /^[a-z0-9][a-z0-9._-]{0,60}$/,
  'a provider id: lower-case letters, digits, dot, dash and underscore',
);

/** `claude`, `codex`, `opencode` and so on. */
export const agentId = textLike(/^[a-z0-9][a-z0-9._-]{0,60}$/, 'the name of an agent, such as claude');

/** A name, or a pattern with `*` and `?`. Regular expressions can take for ever, so their letters are refused. */
export const glob = textLike(
  /^[^()[\]{}|\\^$\r\n]{1,200}$/,
  'a name or a pattern with * and ? (regular expressions are not accepted)',
);

/** As HTTP allows them (RFC 9110 5.1). */
export const headerName = textLike(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/, 'an HTTP header name');
