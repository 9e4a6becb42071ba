import { array, boolean, lazy, number, object, optional, record, string, unknown } from "zod";
import { UpstreamError } from "../../errors.ts";
import { first, lineOf } from "./line.ts";
import type { ReadLines } from "./logs.ts";
import { type SearchOptions, searchOf } from "./search.ts";

const answer = lazy(() =>
  object({
    timed_out: optional(boolean()),
    _shards: optional(object({ failed: number() })),
    hits: object({ hits: array(object({ _source: record(string(), unknown()) })) }),
  }),
);
/** Fields of the Elastic Common Schema that say what was called, and what it answered. */
const called = ["url", "http", "destination", "server", "upstream", "labels"];
const fields = [
  ...["@timestamp", "message", "level", "log.level", "severity", "error.*", "stack_trace"],
  ...called.flatMap((name) => [name, `${name}.*`]),
];

/**
 * Elasticsearch's and OpenSearch's `_search` (https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-search) over
 * documents with `@timestamp` and `message`. Index and query string are the configuration's.
 */
export const elasticsearch = ({
  apiKey,
  ...options
}: SearchOptions & { apiKey?: string }): ReadLines<{ index: string; query: string }> => {
  const headers = {
    ...options.headers,
    ...(apiKey === undefined ? {} : { authorization: `ApiKey ${apiKey}` }),
  };
  const search = searchOf("elasticsearch", { ...options, headers });
  return async ({ index, query }, { service, from, to, limit }) => {
    const range = { gte: Math.round(from), lt: Math.round(to), format: "epoch_millis" };
    const body = JSON.stringify({
      ...{
        size: limit,
        sort: [{ "@timestamp": "asc" }],
        _source: fields,
        timeout: "8s",
        track_total_hits: false,
      },
      query: { bool: { must: [{ query_string: { query } }], filter: [{ range: { "@timestamp": range } }] } },
    });
    const parsed = answer.safeParse(
      await search({
        path: `/${encodeURIComponent(index)}/_search?ignore_unavailable=true`,
        init: { method: "POST", body, headers: { "content-type": "application/json" } },
      }),
    );
    if (!parsed.success) throw partial("the answer holds no documents");
    const { timed_out: late, _shards: shards, hits } = parsed.data;
    if (late || (shards?.failed ?? 0) > 0) throw partial("the answer is only a part");
    return hits.hits.flatMap(({ _source: source }) => {
      const at = Date.parse(first(source, "@timestamp") ?? "");
      const text = first(source, "message", "error.message");
      if (Number.isNaN(at) || text === undefined) return [];
      return lineOf({
        ...{ at, service, text },
        level: first(source, "log.level", "level", "severity"),
        trace: first(source, "error.stack_trace", "stack_trace"),
        fields: calledOf(source),
      });
    });
  };
};

const calledOf = (source: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(source).filter(([name]) => called.includes(name.split(".", 1)[0] ?? "")));

const partial = (what: string) =>
  new UpstreamError("elasticsearch", `elasticsearch: ${what}`, { retryable: true });
