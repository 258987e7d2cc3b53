import { chat, messages, responses, row } from './row.ts';

/** Servers on this machine. A variable here holds a key only for those who switched authentication on and override `auth`. */
export const LOCAL = [
  row({
    id: 'ollama',
    name: 'Ollama',
    kind: 'local',
    surfaces: [
      chat('http://localhost:11434/v1', 'none'),
      responses('http://localhost:11434/v1', 'none'),
      messages('http://localhost:11434/v1', 'none'),
    ],
    modelsUrl: 'http://localhost:11434/v1/models',
    quirks: ['no-n', 'no-required-tool-choice', 'no-custom-tools', 'no-image-urls', 'no-files'],
  }),
  row({
    id: 'lmstudio',
    name: 'LM Studio',
    kind: 'local',
    surfaces: [
      chat('http://localhost:1234/v1', 'none'),
      responses('http://localhost:1234/v1', 'none'),
      messages('http://localhost:1234/v1', 'none'),
    ],
    env: ['LMSTUDIO_API_KEY', 'LM_STUDIO_API_KEY', 'LM_API_TOKEN'],
    modelsUrl: 'http://localhost:1234/v1/models',
    quirks: ['no-custom-tools'],
  }),
  row({
    id: 'llamacpp',
    name: 'llama.cpp',
    kind: 'local',
    surfaces: [
      chat('http://127.0.0.1:8080/v1', 'none'),
      responses('http://127.0.0.1:8080/v1', 'none'),
      messages('http://127.0.0.1:8080/v1', 'none'),
    ],
    env: ['LLAMA_API_KEY'],
    modelsUrl: 'http://127.0.0.1:8080/v1/models',
    quirks: ['no-custom-tools'],
  }),
  row({
    id: 'vllm',
    name: 'vLLM',
    kind: 'local',
    surfaces: [
      chat('http://localhost:8000/v1', 'none'),
      responses('http://localhost:8000/v1', 'none'),
      messages('http://localhost:8000/v1', 'none'),
    ],
    env: ['VLLM_API_KEY'],
    modelsUrl: 'http://localhost:8000/v1/models',
    quirks: ['no-custom-tools'],
  }),
  row({
    id: 'localai',
    name: 'LocalAI',
    kind: 'local',
    surfaces: [chat('http://127.0.0.1:8080/v1', 'none'), messages('http://127.0.0.1:8080/v1', 'none')],
    env: ['LOCALAI_API_KEY'],
    modelsUrl: 'http://127.0.0.1:8080/v1/models',
  }),
  row({
    id: 'jan',
    name: 'Jan',
    kind: 'local',
    surfaces: [chat('http://127.0.0.1:1337/v1', 'none'), messages('http://127.0.0.1:1337/v1', 'none')],
    env: ['JAN_API_KEY'],
    modelsUrl: 'http://127.0.0.1:1337/v1/models',
  }),
];
