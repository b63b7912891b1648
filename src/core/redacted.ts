declare const redacted: unique symbol;

/**
 * A value that went through the redactor. Writers, indexes and network code accept nothing else,
 * so that text which was never checked cannot reach a disk: the compiler refuses it.
 */
export type Redacted<T> = T & { readonly [redacted]: true };
