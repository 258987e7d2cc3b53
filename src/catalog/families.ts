/**
 * Who makes a model, by how its name begins (in the form of `spelling()`); the longest match wins. A maker that is a
 * provider here has that provider's id.
 */
const FAMILIES: readonly (readonly [maker: string, ...begins: string[]])[] = [
  ['anthropic', 'claude'],
  [
    'openai',
    ...['gpt', 'chatgpt', 'chat-latest', 'codex', 'o1', 'o3', 'o4', 'text-embedding-3', 'text-embedding-ada'],
    ...['text-moderation', 'omni-moderation', 'dall-e', 'whisper', 'tts-1', 'sora', 'davinci', 'babbage'],
  ],
  ['google', 'gemini', 'gemma', 'diffusiongemma', 'imagen', 'veo', 'text-embedding-00', 'deep-research-'],
  ['xai', 'grok'],
  ['deepseek', 'deepseek'],
  [
    'mistral',
    ...['mistral', 'ministral', 'mixtral', 'codestral', 'devstral', 'magistral', 'pixtral', 'voxtral'],
    ...['open-mistral', 'open-mixtral', 'labs-devstral', 'labs-leanstral', 'leanstral'],
  ],
  ['cohere', 'command-', 'c4ai', 'north-mini', 'embed-english', 'embed-multilingual', 'embed-v', 'rerank-'],
  ['perplexity', 'sonar'],
  ['moonshotai', 'kimi', 'moonshot', 'k2p', 'k3'],
  ['zai', 'glm', 'zai-glm', 'autoglm'],
  ['minimax', 'minimax'],
  ['alibaba', 'qwen', 'qwq', 'qvq', 'tongyi', 'wan2'],
  ['volcengine', 'doubao', 'seed-', 'bytedance-seed', 'seedream'],
  ['stepfun', 'step-'],
  ['upstage', 'solar'],
  ['ai21', 'jamba'],
  ['inception', 'mercury'],
  ['baichuan', 'baichuan'],
  [
    'nvidia',
    'nemotron',
    'nvidia-nemotron',
    'llama-3-1-nemotron',
    'llama-3-3-nemotron',
    'llama-nemotron',
    'cosmos',
  ],
  ['meta', 'llama', 'meta-llama', 'muse-'],
  ['microsoft', 'phi-', 'mai-', 'wizardlm'],
  ['amazon', 'nova-', 'titan'],
  ['ibm', 'granite'],
  ['xiaomi', 'mimo'],
  ['baidu', 'ernie'],
  ['tencent', 'hunyuan', 'hy3', 'hy4'],
  ['nousresearch', 'hermes', 'deephermes'],
  ['inclusionai', 'ling-', 'ring-'],
  ['meituan', 'longcat'],
  ['arcee', 'arcee', 'trinity'],
  ['allenai', 'olmo', 'molmo'],
];

const BEGINS: readonly (readonly [begin: string, maker: string])[] = FAMILIES.flatMap(([maker, ...begins]) =>
  begins.map((begin) => [begin, maker] as const),
).sort(([a], [b]) => b.length - a.length);

/** The maker of a spelled name (see `spelling`), or null when its beginning says nothing. */
export function makerOf(spelled: string): string | null {
  return BEGINS.find(([begin]) => spelled.startsWith(begin))?.[1] ?? null;
}
