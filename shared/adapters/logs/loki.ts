import { array, lazy, literal, object, record, string, tuple, union, unknown } from "zod";
import { UpstreamError } from "../../errors.ts";
import type { LogLine } from "../../ports/logs.ts";
import { first, lineOf } from "./line.ts";
import type { ReadLines } from "./logs.ts";
import { type SearchOptions, searchOf } from "./search.ts";

const answer = lazy(() =>
  object({
    data: object({
      resultType: literal("streams"),
      result: array(
        object({
          stream: record(string(), string()),
          values: array(union([tuple([string(), string()]), tuple([string(), string(), unknown()])])),
        }),
      ),
    }),
  }),
);

/**
 * Grafana Loki's `query_range` (https://grafana.com/docs/loki/latest/reference/loki-http-api/). `tenant` goes into X-Scope-OrgID. The
 * query is the configuration's.
 */
export const loki = ({
  tenant,
  token,
  ...options
}: SearchOptions & { tenant?: string; token?: string }): ReadLines<string> => {
  const headers = {
    ...options.headers,
    ...(tenant === undefined ? {} : { "x-scope-orgid": tenant }),
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
  const search = searchOf("loki", { ...options, headers });
  return async (query, { service, from, to, limit }) => {
    const params = new URLSearchParams({
      ...{ query, limit: String(limit), direction: "forward" },
      ...{ start: nanoseconds(from), end: nanoseconds(to) },
    });
    const parsed = answer.safeParse(await search({ path: `/loki/api/v1/query_range?${params}` }));
    if (!parsed.success)
      throw new UpstreamError("loki", "loki: the answer holds no log lines", { retryable: true });
    return parsed.data.data.result
      .flatMap(({ stream, values }) =>
        values.map(
          ([at, text, more]): LogLine =>
            lineOf({
              ...{ at: Math.round(Number(at) / 1e6), service, text },
              level:
                first(more, "level", "detected_level") ??
                first(stream, "level", "detected_level", "severity"),
            }),
        ),
      )
      .slice(0, limit);
  };
};

const nanoseconds = (ms: number): string => `${Math.round(ms)}000000`;
