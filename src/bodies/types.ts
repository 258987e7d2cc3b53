/** Which requests' bodies are kept. */
export type BodiesMode = 'off' | 'errors' | 'on';

/** One body and the headers that came with it, without secrets. */
export interface KeptBody {
  headers: Record<string, string>;
  /** As text, at most `MAX_BODY` characters; null = it is none (audio, pictures). */
  text: string | null;
  /** As it came. */
  bytes: number;
  /** It was longer than what is kept of it. */
  cut: boolean;
}

/** What was said in one exchange: a file of its own. */
export interface KeptBodies {
  /** Of the exchange. */
  id: string;
  /** Path and harmless query that the client called. */
  path: string;
  request: KeptBody;
  /** As the client got it; a stream is the text of its frames. */
  answer: KeptBody & { status: number | null };
}
