import { expect, test } from 'vitest';
import { normaliseProviderUrl } from '../../src/config/index.ts';

test.each([
  ['https://api.acme.example/v1', 'https://api.acme.example/v1'],
  ['https://api.acme.example/v1/', 'https://api.acme.example/v1'],
  ['  https://api.acme.example//  ', 'https://api.acme.example'],
  ['https://api.acme.example/v1/chat/completions', 'https://api.acme.example/v1'],
  ['https://api.acme.example/v1/completions/', 'https://api.acme.example/v1'],
  ['https://api.acme.example/v1/messages', 'https://api.acme.example/v1'],
  ['https://api.acme.example/v1/messages/count_tokens', 'https://api.acme.example/v1'],
  ['https://api.acme.example/anthropic/v1/messages?beta=true', 'https://api.acme.example/anthropic/v1'],
  ['https://api.acme.example/v1/responses', 'https://api.acme.example/v1'],
  ['https://api.acme.example/v1/models', 'https://api.acme.example/v1'],
  [
    'https://api.acme.example/v1beta/models/gemini-2.5-pro:generateContent',
    'https://api.acme.example/v1beta',
  ],
  ['api.acme.example/v1', 'https://api.acme.example/v1'],
  ['localhost:11434/v1', 'http://localhost:11434/v1'],
  ['127.0.0.1:1234', 'http://127.0.0.1:1234'],
  ['http://[::1]:8080/v1', 'http://[::1]:8080/v1'],
])('%s becomes %s', (pasted, url) => {
  expect(normaliseProviderUrl(pasted)).toBe(url);
});

test.each([
  '',
  '   ',
  'not a url',
  'ftp://acme.example',
  'file:///etc/passwd',
  'https://user:pass@acme.example',
  'http://',
])('%j is not a URL of a provider', (pasted) => {
  expect(normaliseProviderUrl(pasted)).toBeNull();
});

test('what was normalised stays as it is', () => {
  const once = normaliseProviderUrl('acme.example/v1/chat/completions') ?? '';
  expect(normaliseProviderUrl(once)).toBe(once);
});
