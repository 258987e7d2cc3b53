/** How files of sound begin, in base64. */
const BEGINNINGS: readonly (readonly [string, string])[] = [
  ['UklGR', 'audio/wav'],
  ['SUQz', 'audio/mpeg'],
  ['//', 'audio/mpeg'],
  ['T2dnUw', 'audio/ogg'],
  ['ZkxhQw', 'audio/flac'],
];

/** What kind of sound it is: answers do not say. Without a head it is `pcm16` (24 kHz, one channel), the one that streams. */
export function readSound(data: string): string {
  const known = BEGINNINGS.find(([beginning]) => data.startsWith(beginning));
  return known?.[1] ?? 'audio/L16;codec=pcm;rate=24000';
}
