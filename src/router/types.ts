import type { Catalog, Provider, Surface } from '../catalog/index.ts';
import type { Config } from '../config/index.ts';
import type { EndpointId } from '../exchange.ts';
import type { PlaceHealth } from '../health/index.ts';
import type { ProtocolId } from '../protocols/protocol.ts';

/** What a request holds, as far as rules and capabilities ask. */
export interface RequestFacts {
  /** Tokens, estimated. */
  inputTokens: number;
  images: boolean;
  /** PDFs and other files. */
  documents: boolean;
  /** The request offers tools to the model. */
  tools: boolean;
}

/** What a plan is made from: the request as far as routing may look at it. */
export interface RouteRequest {
  /** The model name that the client sent. */
  model: string;
  protocol: ProtocolId;
  endpoint: EndpointId;
  /** Only the client's own protocol can say this (Responses' compaction): never translated. */
  asIs?: boolean;
  agent?: string | null;
  /** As declared by label or header; a guessed project is for reports only, and is null here. */
  project?: string | null;
  /** By this, requests of one conversation are kept together. */
  session?: string | null;
  /** The client's headers, names in lower case. */
  headers?: Readonly<Record<string, string | string[] | undefined>>;
  /** More input tokens it cannot have: known by its length, without a look into it. Left out = not known. */
  mostInputTokens?: number;
  /** A budget that is used up sends it to another model, past all rules. */
  downgrade?: { name: string; line: number | null; to: string };
  /** Looks into the body; asked only when something depends on it. Left out = nothing is known, nothing matches. */
  facts?(): RequestFacts;
}

/** Whether a surface can be called now: `none` = it needs no key, `disabled` = the user switched its provider off. The router never sees a key. */
export type KeyState = 'have' | 'none' | 'missing' | 'locked' | 'no-keychain' | 'foreign-origin' | 'disabled';

/** Everything else that a plan depends on. Same state, same request: same plan. */
export interface RouteState {
  catalog: Catalog;
  config: Config;
  /** `--model`, else the configuration's default. */
  defaultModel: string | null;
  /** Every name is answered by the demo provider. */
  demo: boolean;
  keyState(provider: Provider, surface: Surface): KeyState;
  /** Labels of the keys of a provider that may go to this surface: a pool. Empty or one = nothing to choose. */
  keyLabels(provider: Provider, surface: Surface): readonly string[];
  /** Where keys were looked for, in words. */
  lookedIn(provider: Provider, surface: Surface): string;
  /** How a target has been doing: its state puts it behind others, its speed decides for `fastest`. */
  health(target: Target): PlaceHealth;
  /** What a session was given before: `targetId` (without a key) by the key of a plan's `stick`; undefined = nothing, or forgotten. */
  stuck(key: string): string | undefined;
  /** ms since 1970; rules look at its local time and day. */
  now: number;
  /** 0 <= r < 1: the die for requests without a session. */
  random: number;
  /** How people start this program: `npx unorouter`. Goes into error sentences. */
  prefix: string;
}

/**
 * One place to send a request: a provider, its own model id, and one of its surfaces. A surface that does not speak the
 * client's protocol means that the request is translated.
 */
export interface Target {
  provider: Provider;
  model: string;
  surface: Surface;
  /** Label of the key to call it with, out of a pool; left out = the provider's only key. */
  key?: string;
}

/** How one rule looked at a request: `routes explain` prints a line for each. */
export interface RuleVerdict {
  /** Name of the rule, `small`, or `default`. */
  rule: string;
  matched: boolean;
  /** `role is "main", rule wants "small"`, `120k <= 180k`; for the match what it sends. */
  why: string;
}

/** A target that was left out or put back, and why. */
export interface PassedOver {
  target: string;
  why: string;
}

/** Where a request goes, in order, and why. */
export interface Plan {
  targets: Target[];
  /** `default` (the model that was asked), the rule's name, `alias fast`, `default model`, `demo`. */
  rule: string;
  /** One sentence a step, for `routes explain` and `logs show`. */
  why: string[];
  /** Every rule up to the one that matched: worked out for those who ask, which no request does. */
  verdicts(): RuleVerdict[];
  /** Targets that cannot be called or cannot serve this request. */
  passedOver: PassedOver[];
  /**
   * To be remembered once this very target has answered, so that a session keeps it; null = nothing to keep. When another
   * one helped out, nothing changes: the session comes back.
   */
  stick: { key: string; target: string } | null;
  /** The rule's own `strict`; undefined = as configured. */
  strict?: boolean;
}
