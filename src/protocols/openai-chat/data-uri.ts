import type { Source } from '../../pivot/index.ts';

const DATA_URI = /^data:([^;,]*)(?:;[^;,]*)*;base64,/i;

/** Where bytes are: `data:` holds them itself, anything else is fetched by the provider. */
export function readUrl(url: string, mediaType: string): Source {
  const head = DATA_URI.exec(url);
  if (!head) return { kind: 'url', url };
  return { kind: 'base64', mediaType: head[1] || mediaType, data: url.slice(head[0].length) };
}
