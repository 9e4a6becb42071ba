import { createAppAuth } from "@octokit/auth-app";
import { Octokit } from "@octokit/rest";
import { object, string } from "zod";
import type { EpochMs } from "../../brands.ts";
import { UpstreamError } from "../../errors.ts";
import { clock } from "../../text/format.ts";
import { type Quota, quota, type SharedWaits } from "../http/quota.ts";
import { createCache } from "./cache.ts";
import { ask } from "./call.ts";
import { conditional } from "./etag.ts";

type App = { appId: string | number; privateKey: string };
/** `clock`: with it a limit that GitHub tells is obeyed, whichever incident asks. */
export type GithubAccess = {
  apiUrl: string;
  fetch?: typeof fetch;
  clock?: () => EpochMs;
  /** Shares the limit with other processes of the same credential. */
  waits?: SharedWaits;
} & ({ token: string } | App);
/** GitHub's API as us. `login` is the name that our comments and merges carry. */
export type GithubClient = { octokit: Octokit; login: () => Promise<string> };

const timeoutMs = 10_000;
const maxInstallations = 1000;
const noLogger = { debug() {}, info() {}, warn() {}, error() {} };

/** A client that never repeats a call by itself. With an App, each repository gets an installation token of its own. */
export const githubClient = (access: GithubAccess): GithubClient => {
  const options = {
    baseUrl: access.apiUrl.replace(/\/+$/, ""),
    userAgent: "countersteer",
    log: noLogger,
    request: {
      fetch: conditional(
        paced(bounded(access.fetch ?? fetch), access.clock && quota(access.clock, access.waits)),
      ),
      log: noLogger,
    },
  };
  const names = createCache<string>(1);
  if (!("token" in access)) return appClient(access, options);
  const octokit = new Octokit({ ...options, auth: access.token });
  const login = async () =>
    (await ask("read the token's user", () => octokit.users.getAuthenticated())).login;
  return { octokit, login: () => names.read("login", login) };
};

const redirects = [301, 302, 303, 307, 308];

/** Times out, and follows no redirect: it could lead to a repository that is not configured, or to another host. */
const bounded =
  (fetcher: typeof fetch): typeof fetch =>
  async (input, init) => {
    const signal = AbortSignal.timeout(timeoutMs);
    const response = await fetcher(input, { ...init, redirect: "manual", signal });
    if (!redirects.includes(response.status)) return response;
    await response.body?.cancel();
    throw new UpstreamError(
      "github",
      `${init?.method ?? "GET"} ${new URL(String(input)).pathname}: ${response.status} the repository has moved, its new name belongs in the configuration`,
      { retryable: false, status: response.status },
    );
  };

/** Sends nothing before the instant that GitHub named with its last refusal. */
const paced =
  (fetcher: typeof fetch, limits: Quota | undefined): typeof fetch =>
  async (input, init) => {
    const until = await limits?.blocked("github");
    if (until !== undefined)
      throw new UpstreamError(
        "github",
        `${init?.method ?? "GET"} ${new URL(String(input)).pathname}: rate limited until ${clock(until)}`,
        { retryable: true, status: 429, retryAt: until },
      );
    const response = await fetcher(input, init);
    const waitMs = waitOf(response);
    if (waitMs !== undefined) await limits?.block("github", waitMs);
    return response;
  };

/** https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit */
const waitOf = ({ status, headers }: Response): number | undefined => {
  if (status !== 403 && status !== 429 && status !== 503) return undefined;
  const after = Number(headers.get("retry-after") ?? Number.NaN);
  if (Number.isFinite(after)) return after * 1000;
  const [reset, sent] = [Number(headers.get("x-ratelimit-reset")), Date.parse(headers.get("date") ?? "")];
  const isSpent = headers.get("x-ratelimit-remaining") === "0" && reset > 0 && !Number.isNaN(sent);
  return isSpent ? Math.max(0, reset * 1000 - sent) : undefined;
};

const authentication = object({ token: string() });
const parameters = object({ owner: string(), repo: string() });
/** GraphQL names no repository in its address: the call carries it beside. */
const repositoryIn = (call: { request?: unknown }) => {
  const named = parameters.safeParse(call);
  return named.success ? named.data : parameters.parse(call.request);
};
const isUnauthorized = (error: unknown): boolean =>
  error instanceof Error && "status" in error && error.status === 401;

type Options = NonNullable<ConstructorParameters<typeof Octokit>[0]>;

const appClient = ({ appId, privateKey }: App, options: Options): GithubClient => {
  const app = new Octokit({ ...options, authStrategy: createAppAuth, auth: { appId, privateKey } });
  const octokit = new Octokit(options);
  const installations = createCache<number>(maxInstallations);
  const names = createCache<string>(1);

  const installationOf = async (owner: string, repo: string) =>
    (
      await ask(`find the App's installation on ${owner}/${repo}`, () =>
        app.apps.getRepoInstallation({ owner, repo }),
      )
    ).id;

  const tokenFor = async (owner: string, repo: string, refresh: boolean): Promise<string> => {
    const key = `${owner}/${repo}`;
    const installationId = await installations.read(key, () => installationOf(owner, repo));
    try {
      const scope = { type: "installation", installationId, repositoryNames: [repo], refresh };
      const { token } = await ask(`get a token for ${key}`, async () => ({
        data: authentication.parse(await app.auth(scope)),
      }));
      return token;
    } catch (error) {
      installations.forget(key);
      throw error;
    }
  };

  octokit.hook.wrap("request", async (request, call) => {
    const { owner, repo } = repositoryIn(call);
    const send = async (refresh: boolean) => {
      call.headers.authorization = `token ${await tokenFor(owner, repo, refresh)}`;
      return request(call);
    };
    try {
      return await send(false);
    } catch (error) {
      // A token that has run out or was revoked: GitHub did nothing, so asking again is safe.
      if (error instanceof UpstreamError || !isUnauthorized(error)) throw error;
      return send(true);
    }
  });

  const slug = async () => {
    const data = await ask("read the App", () => app.apps.getAuthenticated());
    return `${data?.slug}[bot]`;
  };
  return { octokit, login: () => names.read("login", slug) };
};
