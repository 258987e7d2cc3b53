import {
  asString,
  type CollectedBlock,
  type JsonObject,
  joinBase64,
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

/** A whole spoken answer: its pieces of sound together, and what they say. */
export function spokenOf(
  blocks: readonly CollectedBlock[],
  events: readonly PivotEvent[],
  context: EncodeContext,
): JsonObject | undefined {
  const sounds = blocks.map((block) => audioOf(block, context)).filter((sound) => sound !== undefined);
  const transcript = events.map((event) => (event.type === 'transcript' ? event.text : '')).join('');
  if (sounds.length === 0 && transcript === '') return undefined;
  const data = joinBase64(sounds.map((sound) => asString(sound.data)));
  return { id: `audio_${context.id}`, data, transcript, expires_at: context.created };
}

/** What seals a thought, for clients that give it back. */
export function sealedThoughts(block: CollectedBlock): JsonObject[] {
  if (block.type !== 'reasoning') return [];
  if (block.redacted) return detailsOf('', { ...block.redacted, kind: 'redacted' });
  return block.signature ? detailsOf(block.text, { ...block.signature, kind: 'signature' }) : [];
}
