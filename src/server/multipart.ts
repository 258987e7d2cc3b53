import type { Splice } from '../json-scan.ts';

/** A text field of a multipart body (RFC 7578) and where its value lies. */
export interface MultipartField {
  value: string;
  start: number;
  end: number;
}

/** Longest value that is looked at: model names and flags, not files. */
const MAX_VALUE = 1024;

/** Finds a text field by its name without copying or parsing the files around it. */
export function multipartField(bytes: Buffer, contentType: string, name: string): MultipartField | null {
  const boundary = /boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType);
  const mark = Buffer.from(`--${boundary?.[1] ?? boundary?.[2] ?? ''}`);
  if (mark.length <= 2) return null;
  const wanted = new RegExp(`content-disposition:[^\\r\\n]*\\bname="${name}"`, 'i');
  let at = bytes.indexOf(mark);
  while (at >= 0) {
    const headersEnd = bytes.indexOf('\r\n\r\n', at);
    if (headersEnd < 0) return null;
    const next = bytes.indexOf(mark, headersEnd);
    const start = headersEnd + 4;
    // The line break before the next boundary belongs to the boundary.
    const end = next - 2;
    if (next > 0 && end - start <= MAX_VALUE && wanted.test(bytes.toString('latin1', at, headersEnd))) {
      return { value: bytes.toString('utf8', start, end), start, end };
    }
    at = next;
  }
  return null;
}

/** The splice that puts another value in a field's place. */
export function fieldSplice(field: MultipartField | null, value: string): Splice[] {
  return field ? [{ start: field.start, end: field.end, text: value }] : [];
}
