/** A search of a service's log lines, as Kibana's Discover shows it. Instants are epoch ms. */
type Search = { query: string; from: number; to: number };

/**
 * The address of Kibana's Discover for a query in Lucene's syntax over a time range; the index is the one that its reader has chosen.
 * `_g` and `_a` are Kibana's, in rison (https://github.com/Nanonid/rison), in which `!` escapes a quote.
 */
export const discoverUrl = (base: string, { query, from, to }: Search): string => {
  const text = (given: string): string => `'${given.replace(/[!']/g, "!$&")}'`;
  const iso = (at: number): string => text(new Date(at).toISOString());
  const time = `(time:(from:${iso(from)},to:${iso(to)}))`;
  const state = `(query:(language:lucene,query:${text(query)}))`;
  return `${base.replace(/\/+$/, "")}/app/discover#/?_g=${encodeURIComponent(time)}&_a=${encodeURIComponent(state)}`;
};
