import type { IncomingMessage, ServerResponse } from 'node:http';
import { isEventStream } from './respond.ts';

/** Between two questions: the first makes the other side say that it is gone, the second hears it. */
const ASK_AGAIN_MS = 60;
const QUESTIONS = 2;

/**
 * A client that has sent its request may close its side of the connection and still read; one that went away looks the
 * same until something is written to it. So something is written that says nothing: an interim response before the head
 * (RFC 9110 15.2), a blank line in an event stream.
 */
export function askWhoClosed(request: IncomingMessage, response: ServerResponse): void {
  const { socket } = request;
  const onEnd = (): void => ask(request, response, QUESTIONS);
  // Pipelined requests listen on one socket, as many as there are.
  socket.setMaxListeners(0);
  socket.on('end', onEnd);
  response.on('close', () => socket.off('end', onEnd));
}

function ask(request: IncomingMessage, response: ServerResponse, left: number): void {
  if (left === 0 || response.writableEnded || response.destroyed) return;
  if (!response.headersSent) {
    // Only HTTP/1.1 knows interim responses.
    if (request.httpVersion !== '1.1') return;
    response.writeContinue();
  } else if (isEventStream(response)) response.write('\n');
  setTimeout(() => ask(request, response, left - 1), ASK_AGAIN_MS).unref();
}
