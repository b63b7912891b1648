/**
 * The part of js-yaml 3 that the frontmatter codec calls; gray-matter depends on it and it brings no types of its own.
 */
declare module 'js-yaml' {
  interface TypeOptions {
    readonly kind: 'scalar';
    readonly resolve: (text: string | null) => boolean;
    readonly construct: (text: string | null) => unknown;
  }
  interface LoadOptions {
    readonly schema: object;
    readonly listener: (event: 'open' | 'close', state: { readonly anchorMap: object }) => void;
  }
  const yaml: {
    readonly FAILSAFE_SCHEMA: object;
    readonly Type: new (tag: string, options: TypeOptions) => object;
    readonly Schema: new (definition: { readonly include: object[]; readonly implicit: object[] }) => object;
    load(text: string, options: LoadOptions): unknown;
  };
  export = yaml;
}
