import type { Octokit } from "@octokit/rest";
import { array, number, object, optional, record, string } from "zod";
import { type Finding, failed, ok, orFailed, warning } from "../../../functions/ready/finding.ts";
import { ask, unlessMissing } from "../../../shared/adapters/github/api/call.ts";
import type { GithubClient } from "../../../shared/adapters/github/api/client.ts";
import { repoOf } from "../../../shared/adapters/github/api/repository.ts";
import { eventsOf, type Needing, permissionsOf } from "./permissions.ts";

type Place = { repository: string; acts: boolean };

const installed = object({ permissions: record(string(), string()), events: array(string()) });

/** The permissions that the App was granted on a repository, and the events that it hears of, held against the configuration. */
export const checkGranted = async (
  { app }: GithubClient,
  config: Needing,
  place: Place,
): Promise<Finding[]> => {
  if (app === undefined) return [];
  const about = `github ${place.repository}`;
  return orFailed(about, "install the App on it", async () => {
    const found = await unlessMissing(
      ask(`read the App's installation on ${place.repository}`, () =>
        app.apps.getRepoInstallation(repoOf(place)),
      ),
    );
    if (found === undefined) return [];
    const { permissions, events } = installed.parse(found);
    const unheard = eventsOf(config).filter((event) => !events.includes(event));
    const todo = "subscribe it to these events (docs/connect-github.md)";
    return [
      ...lacking(config, place, permissions),
      ...(unheard.length === 0
        ? []
        : [warning(about, `the App does not hear of ${unheard.join(", ")}`, todo)]),
    ];
  });
};

const lacking = (config: Needing, { repository, acts }: Place, granted: Record<string, string>): Finding[] =>
  permissionsOf(config).flatMap(({ name, level, purpose, isNeeded = false }) => {
    const wanted = acts ? level : "read";
    const found = granted[name];
    if (found === "write" || found === "admin" || found === wanted) return [];
    const text = `the App may not ${wanted} ${name}: ${purpose}`;
    const todo = `grant it ${name}: ${wanted}, and accept that in the installation (docs/connect-github.md)`;
    return [(isNeeded ? failed : warning)(`github ${repository}`, text, todo)];
  });

const hookConfig = object({ url: optional(string()) });
const deliveries = array(
  object({ event: string(), delivered_at: string(), status_code: number(), status: string() }),
);

/** Whether GitHub's deliveries reach this server: its own list of them tells. A GitHub without that list says nothing. */
export const checkHook = (app: Octokit, baseUrl: string | undefined): Promise<Finding[]> =>
  orFailed("github webhook", "look at the App's page, Advanced: Recent deliveries", async () => {
    const hook = await unlessMissing(
      ask("read the App's webhook", () => app.request("GET /app/hook/config")),
    );
    if (hook === undefined) return [];
    const { url = "" } = hookConfig.parse(hook);
    const wanted = baseUrl === undefined ? undefined : new URL("/webhooks/github", baseUrl).href;
    const set = `set it to ${wanted ?? "https://…/webhooks/github"} on the App's page`;
    if (url === "")
      return [warning("github webhook", "the App has none: reviews, merges and deploys come late", set)];
    if (wanted !== undefined && url !== wanted)
      return [warning("github webhook", `GitHub delivers to ${url}, and baseUrl says ${wanted}`, set)];
    const told = await ask("read the deliveries of the App's webhook", () =>
      app.request("GET /app/hook/deliveries", { per_page: 1 }),
    );
    return [lastDelivery(deliveries.parse(told)[0])];
  });

const lastDelivery = (last: (typeof deliveries)["_output"][number] | undefined): Finding => {
  if (last === undefined) return ok("github webhook", "nothing was delivered yet");
  const { event, delivered_at: at, status_code: code, status } = last;
  const answer = [code || "", status].join(" ").trim();
  if (code >= 200 && code < 300)
    return ok("github webhook", `the last delivery, ${event} at ${at}, was answered ${answer}`);
  const todo =
    code === 401
      ? "set GITHUB_WEBHOOK_SECRET to the secret of the App's webhook"
      : "look at DNS, TLS and the proxy before this server, then redeliver it on the App's page";
  return failed("github webhook", `the last delivery, ${event} at ${at}, failed: ${answer}`, todo);
};

/** The scopes of a classic token, which GitHub tells with each answer. A fine-grained token does not tell its permissions. */
export const checkScopes = async (
  { octokit, app }: GithubClient,
  { services }: Pick<Needing, "services">,
): Promise<Finding[]> => {
  if (app !== undefined) return [];
  const { headers } = await octokit.users.getAuthenticated();
  const told = headers["x-oauth-scopes"];
  if (told === undefined || told === "") return [];
  const scopes = told.split(",").map((scope) => scope.trim());
  const acts = services.some(({ policy }) => policy.mode !== "observe");
  if (!acts || scopes.includes("repo") || scopes.includes("public_repo")) return [];
  const text = `the token lacks the scope repo: it has ${scopes.join(", ")}`;
  return [failed("github", text, "make a token with it, or a GitHub App (docs/connect-github.md)")];
};
