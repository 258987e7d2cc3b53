import { asObject, asText, type JsonObject } from '../../pivot/index.ts';

/** MiniMax's numbers, in words that say whose fault it was. https://platform.minimax.io/docs/api-reference/errorcode */
const CODES: ReadonlyMap<unknown, string> = new Map([
  [1001, 'timeout'],
  [1002, 'rate_limit'],
  [1004, 'authentication_error'],
  [1008, 'insufficient_balance'],
  [1039, 'context_length_exceeded'],
  [2013, 'invalid_request'],
]);

/** The error that MiniMax says beside, or in place of, an answer with status 200: any number but 0. */
export function baseError(value: unknown): JsonObject | undefined {
  const { status_code: number, status_msg: said } = asObject(value);
  if (typeof number !== 'number' || number === 0) return undefined;
  return {
    code: CODES.get(number) ?? `minimax_${number}`,
    message: asText(said) ?? `the provider answered ${number}`,
  };
}
