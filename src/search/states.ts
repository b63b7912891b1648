/** Whether a document is there for everybody, for those who may see what is hidden, or for nobody. */
export const states = { shown: 0, hidden: 1, gone: 2 } as const;
