/** generateContent, the fields we touch. https://ai.google.dev/api/generate-content */
export interface WirePart {
  text?: string;
  thought?: boolean;
  thoughtSignature?: string;
  functionCall?: {
    id?: string;
    name?: string;
    args?: unknown;
    partialArgs?: unknown;
    willContinue?: boolean;
  };
  inlineData?: { mimeType?: string; data?: string };
  fileData?: unknown;
  executableCode?: unknown;
  codeExecutionResult?: unknown;
}

/** One candidate. */
export interface WireCandidate {
  index?: number;
  content?: { parts?: WirePart[]; role?: string };
  finishReason?: string | number;
  groundingMetadata?: unknown;
  citationMetadata?: unknown;
  logprobsResult?: unknown;
}

/** A chunk of a stream or a whole answer: the same shape. */
export interface WireAnswer {
  responseId?: string;
  modelVersion?: string;
  candidates?: WireCandidate[];
  promptFeedback?: { blockReason?: string };
  usageMetadata?: unknown;
  error?: unknown;
}
