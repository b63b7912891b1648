/** Bounds that keep a capture in constant memory. What is cut from an exchange stays whole in the raw history. */
export const limits = {
  /** Characters of one text, diff or tool argument. */
  part: 1 << 20,
  /** Characters of one exchange; results after that are counted, not kept. */
  exchange: 32 << 20,
  /** Messages and parts of one exchange. */
  parts: 50_000,
  /** Characters of one record after which memory that is no longer needed is given back at once. */
  record: 8 << 20,
  /** Depth of a tool argument. */
  depth: 64,
} as const;
