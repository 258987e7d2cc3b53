import { estimateTokenCount } from 'tokenx';
import type { PivotRequest } from '../pivot/index.ts';

/** Characters that are counted of a longer text. Counting takes about 70 ms a million, and everybody waits. */
const SAMPLE = 20_000;
/** The sample's pieces lie so evenly that prose, code and tools are in it as they are in the whole. */
const PIECES = 20;
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

/** About as many tokens as the request has, by no tokenizer in particular. */
export function estimateTokens(request: PivotRequest): Estimate {
  const content: Content = { texts: [], files: 0 };
  addMembers(content, [request.messages, request.tools]);
  const tokens = tokensOf(content.texts.join('\n'));
  const around = content.files * TOKENS_PER_FILE + request.messages.length * TOKENS_PER_MESSAGE;
  return { tokens: Math.max(1, tokens + around), files: content.files };
}

function tokensOf(text: string): number {
  if (text.length <= SAMPLE) return estimateTokenCount(text);
  let tokens = 0;
  for (let piece = 0; piece < PIECES; piece++) {
    const start = Math.floor((piece * text.length) / PIECES);
    tokens += estimateTokenCount(text.slice(start, start + SAMPLE / PIECES));
  }
  return Math.ceil((tokens * text.length) / SAMPLE);
}
