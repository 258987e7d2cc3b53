import type { Catalog, Provider, Surface } from '../catalog/index.ts';
import type { Config } from '../config/index.ts';
import type { EndpointId } from '../exchange.ts';
import type { ProtocolId } from '../protocols/protocol.ts';

/** What a plan is made from: the request as far as routing may look at it. */
export interface RouteRequest {
  /** The model name that the client sent. */
  model: string;
  protocol: ProtocolId;
  endpoint: EndpointId;
  /** Only the client's own protocol can say this (Responses' compaction): never translated. */
  asIs?: boolean;
}

/** Whether a surface can be called now: `none` = it needs no key. The router never sees a key. */
export type KeyState = 'have' | 'none' | 'missing' | 'locked' | 'no-keychain' | 'foreign-origin';

/** Everything else that a plan depends on. Same state, same request: same plan. */
export interface RouteState {
  catalog: Catalog;
  config: Config;
  /** `--model`, else the configuration's default. */
  defaultModel: string | null;
  /** Every name is answered by the demo provider. */
  demo: boolean;
  keyState(provider: Provider, surface: Surface): KeyState;
  /** Where keys were looked for, in words. */
  lookedIn(provider: Provider, surface: Surface): string;
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
}

/** Where a request goes, in order, and why. */
export interface Plan {
  targets: Target[];
  /** `default` (the model that was asked), `alias fast`, `default model`, `demo`. */
  rule: string;
  /** One sentence a step, for `routes explain` and `logs show`. */
  why: string[];
}
