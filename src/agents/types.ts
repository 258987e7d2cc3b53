/** A value that JSON, YAML and TOML can all say. */
export type Value = string | number | boolean | null | readonly Value[] | { readonly [key: string]: Value };

/** The languages that agents keep their settings in; `lines` is a text of our own that nobody parses here. */
export type FormatId = 'json' | 'yaml' | 'toml' | 'env' | 'lines';

/** One setting of a file: keys from the top, and what it is to be; undefined = not there. */
export interface Setting {
  path: readonly string[];
  value: Value | undefined;
}

/** Where an agent looks for its files: all that may be known of the machine. */
export interface Place {
  env: NodeJS.ProcessEnv;
  /** The user's own directory. */
  home: string;
  /** Where the agent is started: its project. */
  cwd: string;
  platform: NodeJS.Platform;
}

/** Whose settings: of every project of this user, or of the project in the working directory. */
export type Scope = 'user' | 'project';

/** A model as agents want to be told of it. null = not known. */
export interface AgentModel {
  /** The name to ask for. */
  id: string;
  context: number | null;
  output: number | null;
  reasoning: boolean;
  images: boolean;
  /** USD per million tokens. */
  price: { input: number; output: number } | null;
}

/** What an agent must know to come here. */
export interface Connection {
  /** `http://127.0.0.1:8667` */
  url: string;
  /** The local token with the agent's label. */
  token: string;
  /** null = the agent asks for the models that it knows itself. */
  model: string | null;
  /** For background work; null = the same. */
  small: string | null;
  /** What can be called, for agents that want a list: never empty when `model` is said. */
  models: readonly AgentModel[];
}

/** A file that lives as long as the agent that it is made for (0600), or a link to one of its own. */
export type SessionFile = { path: string; text: string } | { path: string; target: string };

/** How to start an agent wired to us with no file of its own changed. */
export interface Launch {
  /** Over the caller's environment; '' is a variable that is set and empty. */
  env: Readonly<Record<string, string>>;
  /** In front of the user's own arguments. */
  args: readonly string[];
  files: readonly SessionFile[];
  /** How the settings travel, for the opening line: `settings passed with --settings`. */
  how: string;
}

/** What a launch is made from. */
export interface LaunchFacts extends Connection {
  place: Place;
  /** An empty private directory that is removed when the agent ends. */
  dir: string;
  /** The user's own arguments. */
  args: readonly string[];
  /** Nobody sits there: stdin is no terminal. */
  headless: boolean;
}

/** What `setup` does to one file. */
export interface FileEdit {
  file: string;
  format: FormatId;
  settings: readonly Setting[];
  /** For `lines`: the whole file, which is then ours alone. */
  text?: string;
}

/** A field that people fill in by hand. */
export interface Field {
  label: string;
  value: string;
}

/** What connects an agent for good. */
export interface SetupPlan {
  edits: readonly FileEdit[];
  /** Where no file can say it: what to type where. */
  fields: readonly Field[];
  /** Where the fields are, as a sentence; undefined without fields. */
  where?: string;
  /** How to start it afterwards. */
  start: string;
}

/** A setting that says where an agent sends its requests. */
export interface Pointer {
  /** null = a variable of the environment. */
  file: string | null;
  format: FormatId;
  /** Keys from the top; for the environment the variable's name. */
  path: readonly string[];
}

/** A coding agent: one file each in `known/`. It may look at the agent's files, and writes nothing. */
export interface Agent {
  /** What people type, and the label of its token. */
  id: string;
  name: string;
  /** Names of its program; empty = it is no program of a terminal. */
  binaries: readonly string[];
  /** How to get it. */
  install: string;
  /** Files and variables that say where it sends requests, the strongest first. */
  pointers(place: Place): readonly Pointer[];
  /** It starts only with a model's name. */
  needsModel: boolean;
  launch?(facts: LaunchFacts): Launch | Promise<Launch>;
  setup?(connection: Connection, place: Place, scope: Scope): SetupPlan;
  /** Scopes that `setup` knows; the first is the usual one. */
  scopes: readonly Scope[];
  /** Why it cannot be connected at all. */
  refusal?: { why: string; instead: string };
}
