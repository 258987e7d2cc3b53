import stringWidth from 'string-width';

/** A terminal as far as our output uses one: what is written to it, as lines on a screen that scrolls. */
export interface Terminal {
  columns: number;
  rows: number;
  write(text: string): void;
  /** Everything that stands there, scrolled out or not, without blanks at line ends. */
  text(): string;
  /** Lines that were too wide and went on in the next one. */
  overflows(): number;
}

const ESCAPE = String.fromCharCode(27);
const BEFORE_ESCAPE = new RegExp(`(?=${ESCAPE})`);
const segmenter = new Intl.Segmenter();
const SEQUENCE = new RegExp(`^${ESCAPE}\\[([?\\d;]*)([A-Za-z])`);

/** Makes one. A line that is too wide goes on in the next one, as on real ones. */
export function createTerminal(columns: number, rows = 24): Terminal {
  const lines: string[][] = [[]];
  let row = 0;
  let column = 0;
  let overflows = 0;

  const line = (): string[] => {
    while (lines.length <= row) lines.push([]);
    return lines[row] ?? [];
  };

  const obey: Record<string, (count: number) => void> = {
    A: (count) => {
      row = Math.max(0, row - count);
    },
    B: (count) => {
      row += count;
    },
    G: (count) => {
      column = count - 1;
    },
    K: (count) => {
      // Without a number: from the cursor to the end; 2: the whole line.
      line().splice(count === 2 ? 0 : column);
    },
    h: () => undefined,
    l: () => undefined,
    m: () => undefined,
  };

  function put(character: string): void {
    const width = stringWidth(character);
    if (column + width > terminal.columns) {
      overflows++;
      row++;
      column = 0;
    }
    const cells = line();
    while (cells.length < column) cells.push(' ');
    cells[column] = character;
    for (let i = 1; i < width; i++) cells[column + i] = '';
    column += width;
  }

  function show(character: string): void {
    if (character === '\n' || character === '\r\n') {
      row++;
      column = 0;
      line();
    } else if (character === '\r') column = 0;
    else put(character);
  }

  const terminal: Terminal = {
    columns,
    rows,
    write(text) {
      for (const part of text.split(BEFORE_ESCAPE)) {
        const [whole = '', numbers = '', letter = ''] = SEQUENCE.exec(part) ?? [];
        if (whole !== '') {
          const act = obey[letter];
          if (!act) throw new Error(`unknown sequence ${JSON.stringify(whole)}`);
          act(Number(numbers.replace('?', '')) || (letter === 'K' ? 0 : 1));
        }
        for (const { segment } of segmenter.segment(part.slice(whole.length))) show(segment);
      }
    },
    text: () =>
      lines
        .map((cells) => cells.join('').trimEnd())
        .join('\n')
        .trimEnd(),
    overflows: () => overflows,
  };
  return terminal;
}
