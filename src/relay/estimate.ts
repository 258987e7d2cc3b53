import { estimateTokenCount } from 'tokenx';
import type { PivotRequest } from '../pivot/index.ts';

/** Characters that are looked at; what is longer goes on as it began. */
const MAX_LOOKED_AT = 200_000;
/** What a picture, a document or a sound costs about, whose tokens do not follow from its bytes. */
const TOKENS_PER_FILE = 1_500;
/** What the frame around a message costs. */
const TOKENS_PER_MESSAGE = 4;

/** Members that are no text for the model. */
const NOT_READ: ReadonlySet<string> = new Set(['sealed', 'signature', 'cache', 'origin', 'type', 'role']);
/** Members that cost what their JSON costs. */
const SCHEMAS: ReadonlySet<string> = new Set(['parameters', 'value']);

/** What a request says, and how many files are in it. */
interface Content {
  texts: string[];
  files: number;
}

function addContent(content: Content, value: unknown, key: string): void {
  if (typeof value === 'string') content.texts.push(value);
  if (typeof value !== 'object' || value === null) return;
  if (SCHEMAS.has(key)) content.texts.push(JSON.stringify(value));
  else if (key === 'source' && !('text' in value)) content.files++;
  else addMembers(content, value);
}

function addMembers(content: Content, value: object): void {
  for (const [name, inner] of Object.entries(value)) {
    if (!NOT_READ.has(name)) addContent(content, inner, name);
  }
}

/** What a request comes to about. */
export interface Estimate {
  /** Never 0. */
  tokens: number;
  /** Pictures, documents and sounds among it, whose tokens are the wildest guess. */
  files: number;
}

/** About as many tokens as the request has, by no tokenizer in particular. `most` = characters that are looked at. */
export function estimateTokens(request: PivotRequest, most = MAX_LOOKED_AT): Estimate {
  const content: Content = { texts: [], files: 0 };
  addMembers(content, [request.messages, request.tools]);
  const text = content.texts.join('\n');
  const looked = text.slice(0, most);
  const tokens = Math.ceil((estimateTokenCount(looked) * text.length) / Math.max(1, looked.length));
  const around = content.files * TOKENS_PER_FILE + request.messages.length * TOKENS_PER_MESSAGE;
  return { tokens: Math.max(1, tokens + around), files: content.files };
}
