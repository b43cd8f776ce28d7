/** What several answers are made of. */

/** An error of the engine. `code` is stable (kebab-case); `offset` is a byte offset into the (inflated) input. */
export interface EngineErrorShape {
  code: string;
  message: string;
  offset: number | null;
}

/** A counted remark about an input that was accepted. */
export interface Warning {
  code: string;
  message: string;
  offset: number | null;
  count: number;
}

/** A label name and its value. */
export type LabelPair = [name: string, value: string];
