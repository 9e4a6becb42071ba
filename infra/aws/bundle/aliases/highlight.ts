/** Stands in for the colours of PromQL's parser: nobody reads its trees in colour here. */
export const styleTags = () => () => null;
export const tags: unknown = new Proxy(() => tags, { get: () => tags });
