import { join } from 'node:path';

/** A file that may send an agent, or every client of a shell, somewhere. Below `~` or below the working directory. */
export interface PointerFile {
  /** null = a shell's: it counts for every client. */
  agent: string | null;
  below: 'home' | 'cwd';
  path: string;
}

const shell = (path: string): PointerFile => ({ agent: null, below: 'home', path });
const user = (agent: string, path: string): PointerFile => ({ agent, below: 'home', path });
const project = (agent: string, path: string): PointerFile => ({ agent, below: 'cwd', path });

/** Where tools write addresses of local proxies, and forget them. */
export const POINTER_FILES: readonly PointerFile[] = [
  ...['.bashrc', '.bash_profile', '.profile', '.zshrc', '.zshenv', '.zprofile'].map(shell),
  shell(join('.config', 'fish', 'config.fish')),
  { agent: null, below: 'cwd', path: '.env' },
  user('claude', join('.claude', 'settings.json')),
  project('claude', join('.claude', 'settings.json')),
  project('claude', join('.claude', 'settings.local.json')),
  user('codex', join('.codex', 'config.toml')),
  user('opencode', join('.config', 'opencode', 'opencode.json')),
  project('opencode', 'opencode.json'),
  user('gemini', join('.gemini', '.env')),
  user('gemini', join('.gemini', 'settings.json')),
  project('gemini', join('.gemini', '.env')),
  user('aider', '.aider.conf.yml'),
  project('aider', '.aider.conf.yml'),
  user('continue', join('.continue', 'config.yaml')),
  user('continue', join('.continue', 'config.json')),
  user('qwen', join('.qwen', 'settings.json')),
  user('qwen', join('.qwen', '.env')),
  user('pi', join('.pi', 'agent', 'models.json')),
  user('zed', join('.config', 'zed', 'settings.json')),
];
