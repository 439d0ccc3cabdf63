/** One thing that is wrong with a template. `line` counts from 1; null where it cannot be told. */
export type Mistake = {
  readonly code: MistakeCode;
  readonly line: number | null;
  readonly message: string;
  /** Of an unknown variable. */
  readonly name?: string;
};

export type MistakeCode =
  | 'liquid-syntax'
  | 'unknown-variable'
  | 'unknown-tag'
  | 'unknown-filter'
  | 'name-taken'
  | 'not-a-list'
  | 'not-text'
  | 'invalid-mjml'
  | 'include-refused'
  | 'liquid-lost'
  | 'misplaced-liquid'
  | 'unsafe-html'
  | 'unsafe-address'
  | 'unsafe-style'
  | 'malformed-html'
  | 'takes-too-long'
  | 'too-long'
  | 'empty'
  | 'control-character'
  | 'cannot-render';
