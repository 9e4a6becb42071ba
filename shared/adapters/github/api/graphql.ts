import { asError, UpstreamError } from "../../../errors.ts";
import { ownValue } from "../../../records.ts";
import { ask } from "./call.ts";
import { type Github, repoOf } from "./repository.ts";

type Repository = { repository: string };
type Refused = { type?: string; message?: string };

const statuses: Record<string, number> = { NOT_FOUND: 404, FORBIDDEN: 403, INSUFFICIENT_SCOPES: 403 };

/** One GraphQL call about a repository. Every failure becomes an UpstreamError; GitHub answers its refusals with 200. */
export const graphql = <T>(
  { octokit }: Github,
  service: Repository,
  call: { what: string; query: string; variables: Record<string, unknown> },
): Promise<T> =>
  ask(call.what, async () => {
    // The repository chooses the installation of the App; a mutation names it nowhere else.
    const request = { ...repoOf(service) };
    try {
      return { data: await octokit.graphql<T>(call.query, { ...call.variables, request }) };
    } catch (error) {
      const [refused] = refusalsIn(error);
      if (refused === undefined) throw error;
      throw refusal(call.what, refused, asError(error));
    }
  });

const refusalsIn = (error: unknown): Refused[] =>
  error instanceof Error &&
  error.name === "GraphqlResponseError" &&
  "errors" in error &&
  Array.isArray(error.errors)
    ? error.errors
    : [];

/** GitHub's own failures carry no type. */
const refusal = (what: string, { type, message = "refused" }: Refused, cause: Error): UpstreamError => {
  const retryable = type === undefined || type === "RATE_LIMITED" || type === "INTERNAL";
  const status = retryable ? 503 : (ownValue(statuses, type) ?? 422);
  return new UpstreamError("github", `${what}: ${message.slice(0, 300)}`, { retryable, status, cause });
};
