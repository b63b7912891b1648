/** A record, or a part of one, whose fields are still unknown. */
export type Fields = { readonly [key: string]: unknown };
