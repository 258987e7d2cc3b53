import {
  asObject,
  asText,
  type CollectedBlock,
  type JsonObject,
  type PivotEvent,
} from '../../pivot/index.ts';
import type { EncodeContext } from '../protocol.ts';
import { detailsOf } from './reasoning-details.ts';

/** Pictures, sounds and sources in an answer: OpenAI's words where it has some, else OpenRouter's, which clients know. */

/** https://openrouter.ai/docs/features/multimodal/image-generation */
export function imageOf(block: CollectedBlock | PivotEvent): JsonObject | undefined {
  if (block.type !== 'media' || !block.mediaType.startsWith('image/')) return undefined;
  const url = block.url ?? `data:${block.mediaType};base64,${block.data ?? ''}`;
  return { type: 'image_url', image_url: { url } };
}

/** OpenAI's spoken answers lie with it for a while; ours have no place to lie. */
export function audioOf(block: CollectedBlock | PivotEvent, context: EncodeContext): JsonObject | undefined {
  if (block.type !== 'media' || !block.mediaType.startsWith('audio/') || block.data === undefined)
    return undefined;
  return { id: `audio_${context.id}`, data: block.data, transcript: '', expires_at: context.created };
}

/** A source in whatever words its vendor has for it; undefined = it names no address. */
export function annotationOf(value: unknown): JsonObject | undefined {
  const source = asObject(value);
  if (source.type === 'url_citation' && source.url_citation !== undefined) return source;
  const { start_index, end_index } = source;
  const url = asText(source.url) ?? asText(source.uri);
  if (url === undefined) return undefined;
  const place =
    typeof start_index === 'number' && typeof end_index === 'number' ? { start_index, end_index } : {};
  return { type: 'url_citation', url_citation: { url, title: asText(source.title) ?? url, ...place } };
}

/** What seals a thought, for clients that give it back. */
export function sealedThoughts(block: CollectedBlock): JsonObject[] {
  if (block.type !== 'reasoning') return [];
  if (block.redacted) return detailsOf('', { ...block.redacted, kind: 'redacted' });
  return block.signature ? detailsOf(block.text, { ...block.signature, kind: 'signature' }) : [];
}
