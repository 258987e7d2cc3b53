import type { IncomingHttpHeaders } from 'node:http';
import type { Cost, EndpointId, Recorder, Savings } from '../exchange.ts';
import type { Health } from '../health/index.ts';
import type { ScannedObject, Splice } from '../json-scan.ts';
import type { Usage } from '../pivot/index.ts';
import type { Protocol, ProtocolId } from '../protocols/protocol.ts';
import type { Plan, Target } from '../router/index.ts';
import type { Signal } from '../signal.ts';
import type { Transport, UpstreamTimeouts } from '../upstream/index.ts';

/** A client's request, read once; its bytes are kept as they came (inflated). */
export interface Inbound {
  protocol: ProtocolId;
  endpoint: EndpointId;
  /** The model name that the client sent. */
  model: string;
  stream: boolean;
  bytes: Buffer;
  contentType: string;
  /** Members of a JSON body; null for multipart. */
  scanned: ScannedObject | null;
  /** Where the model name lies in the bytes; Gemini's is in the path, and few calls repeat it. */
  modelSplices(model: string): Splice[];
  /** The upstream's path behind the surface's url, for a model id. */
  path(model: string): string;
  /** `?alt=sse` or empty. */
  query: string;
  /** Only the client's own protocol can say this: never translated. */
  asIs: boolean;
  headers: IncomingHttpHeaders;
}

/** The connection to the client, as the relay sees it. */
export interface Client {
  /** Aborted when the client goes away before its answer ended. */
  signal: Signal;
  head(status: number, headers: Record<string, string>): void;
  /** Queues bytes; those of one tick leave in one write. */
  write(chunk: Buffer): void;
  end(): void;
  /** Too much is waiting: the upstream should pause until `onDrain` calls back. */
  full(): boolean;
  onDrain(callback: () => void): void;
}

/** Durations in ms (reliability rule R8). */
export interface RelayTimeouts extends UpstreamTimeouts {
  /** Until the first content event, from when the request was sent. */
  firstContentMs: number;
  /** The whole exchange. */
  totalMs: number;
}

/** What the relay needs from outside. */
export interface RelayDeps {
  protocol(id: ProtocolId): Protocol;
  /** The network, or the demo provider. */
  transport(target: Target): Transport;
  /** The key right before use; null = none needed. Throws GatewayError when it is gone. */
  key(target: Target): string | null;
  timeouts(target: Target): RelayTimeouts;
  /** Breakers, parked keys, retry budgets, speed. */
  health: Health;
  /** A target of the plan has answered: sessions that shall stay there are remembered. */
  onServed?(plan: Plan, target: Target): void;
  /** What happens to the upstream when the client goes away. */
  onClientAbort(): 'abort' | 'drain';
  /** Aborted when the server ends, with a GatewayError: what every call that runs, or would begin, then ends with. */
  ending?: Signal;
  retry(): { attempts: number; deadlineMs: number };
  recorder: Recorder;
  /** Hears of bugs of ours that a request survives; without it they throw. */
  onBug?(error: unknown): void;
  /** Resolves once prices are loaded. */
  price(target: Target, usage: Usage, at: number): Promise<Cost>;
  /** What prompt caches and the choice of the target saved. Without it nobody knows. */
  savings?(target: Target, asked: string, usage: Usage, at: number): Promise<Savings>;
  /** Oddities of provider and model that rendering must know. */
  quirks(target: Target): ReadonlySet<string>;
  /** What the catalog knows of the model; absent = not known. */
  modelFacts(target: Target): { maxOutput?: number; reasons?: boolean };
  /** A request that cannot be translated without a loss is refused, as configured; a plan may say otherwise. */
  strict(): boolean;
  /** Removes our own keys from an upstream's words. */
  mask(text: string): string;
  /** How the program was started, for hints. */
  prefix: string;
  /** ms since 1970 */
  now(): number;
  /** ms, monotonic */
  elapsed(): number;
  random(): number;
  /** Waits; rejects when the signal is aborted. */
  wait(ms: number, signal: Signal): Promise<void>;
}
