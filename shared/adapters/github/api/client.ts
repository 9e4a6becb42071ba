import { createAppAuth } from "@octokit/auth-app";
import { Octokit } from "@octokit/rest";
import { object, string } from "zod";
import type { EpochMs } from "../../../brands.ts";
import { UpstreamError } from "../../../errors.ts";
import { clock } from "../../../text/format.ts";
import { type Quota, quota, type SharedWaits } from "../../http/quota.ts";
import { redirection } from "../../http/response-text.ts";
import { createCache } from "./cache.ts";
import { ask } from "./call.ts";
import { conditional } from "./etag.ts";
import { type Permissions, permissionsFor } from "./permissions.ts";

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
export type GithubClient = {
  octokit: Octokit;
  login: () => Promise<string>;
  /** Whether the App may have a token with these permissions for a repository; absent for a token, which does not tell its own. */
  granted?: (repository: { owner: string; repo: string }, permissions: Permissions) => Promise<boolean>;
  /** Calls as the App itself, not as one of its installations; absent for a token. */
  app?: Octokit;
};

const timeoutMs = 10_000;
const maxInstallations = 1000;
const noLogger = { debug() {}, info() {}, warn() {}, error() {} };

/** A client that never repeats a call by itself. With an App, each call has an installation token for its repository and its permissions. */
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

/** An archive of many files takes a while. */
const archiveMs = 60_000;

/** Where GitHub gives the archive that was asked for: on its own hosts. The address carries its own token; ours is not sent there. */
const archiveAt = ({ pathname, protocol, host }: URL, location: string | null): URL | undefined => {
  if (
    !/^\/(?:[\w.-]+\/)*repos\/[^/]+\/[^/]+\/tarball\/[^/]+$/.test(pathname) ||
    !URL.canParse(location ?? "")
  )
    return undefined;
  const to = new URL(location ?? "");
  const own = [host, `codeload.${host.replace(/^api\./, "")}`];
  return to.protocol === protocol && own.includes(to.host) ? to : undefined;
};

/** Times out, and follows no redirect but to an archive: it could lead to a repository that is not configured, or to another host. */
const bounded =
  (fetcher: typeof fetch): typeof fetch =>
  async (input, init) => {
    const signal = AbortSignal.timeout(timeoutMs);
    const response = await fetcher(input, { ...init, redirect: "manual", signal });
    if (!redirects.includes(response.status)) return response;
    await response.body?.cancel();
    const asked = new URL(String(input));
    const archive = archiveAt(asked, response.headers.get("location"));
    if (archive !== undefined)
      return fetcher(archive, { redirect: "manual", signal: AbortSignal.timeout(archiveMs) });
    throw new UpstreamError(
      "github",
      `${init?.method ?? "GET"} ${asked.pathname}: ${moved(response, asked)}`,
      { retryable: false, status: response.status },
    );
  };

/** GitHub itself redirects where a repository has a new name, to its API. */
const moved = (response: Response, asked: URL): string => {
  const to = URL.parse(response.headers.get("location") ?? "", asked.href);
  return to?.origin === asked.origin && /\/repos(itories)?\//.test(to.pathname)
    ? `${response.status} the repository has moved, its new name belongs in the configuration`
    : (redirection(response, asked.href) ?? String(response.status));
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
const ofRepository = object({ owner: string(), repo: string() });
const ofOrganisation = object({ org: string() });
const isUnauthorized = (error: unknown): boolean =>
  error instanceof Error && "status" in error && error.status === 401;
/** GitHub's answer when the installation has not been granted a permission that a token is asked for. */
const isUngranted = (error: unknown): boolean => error instanceof UpstreamError && error.status === 422;

type Options = NonNullable<ConstructorParameters<typeof Octokit>[0]>;
/** The reach of a token: one repository, or none for calls about the organisation. */
type Place = { name: string; repositories: string[]; installation: () => Promise<{ data: { id: number } }> };

/** Each call has a token for its repository alone, with the permissions that it needs and no others. */
const appClient = ({ appId, privateKey }: App, options: Options): GithubClient => {
  const app = new Octokit({ ...options, authStrategy: createAppAuth, auth: { appId, privateKey } });
  const octokit = new Octokit(options);
  const names = createCache<string>(1);
  const tokenFor = widestTokens(app);
  octokit.hook.wrap("request", async (request, call) => {
    const place = placeOf(app, call);
    const sets = permissionsFor(call);
    const send = async (refresh: boolean) => {
      call.headers.authorization = `token ${await tokenFor(place, sets, refresh)}`;
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
  const granted = async (repository: { owner: string; repo: string }, permissions: Permissions) => {
    try {
      await tokenFor(repositoryPlace(app, repository), [permissions], false);
      return true;
    } catch (error) {
      if (isUngranted(error)) return false;
      throw error;
    }
  };
  return { octokit, login: () => names.read("login", slug), granted, app };
};

const placeOf = (app: Octokit, call: { request?: unknown }): Place => {
  // GraphQL names no repository in its address: the call carries it beside.
  const data = ofRepository.safeParse(call).data ?? ofRepository.safeParse(call.request).data;
  if (data === undefined) {
    const { org } = ofOrganisation.parse(call);
    return { name: org, repositories: [], installation: () => app.apps.getOrgInstallation({ org }) };
  }
  return repositoryPlace(app, data);
};

const repositoryPlace = (app: Octokit, { owner, repo }: { owner: string; repo: string }): Place => ({
  ...{ name: `${owner}/${repo}`, repositories: [repo] },
  installation: () => app.apps.getRepoInstallation({ owner, repo }),
});

type TokenFor<Asked> = (place: Place, asked: Asked, refresh: boolean) => Promise<string>;

/** Asks for the first set of permissions that the installation has been granted. */
const widestTokens = (app: Octokit): TokenFor<Permissions[]> => {
  const tokenFor = scopedTokens(app);
  const ungranted = new Set<string>();
  const widestFor: TokenFor<Permissions[]> = async (place, [first, ...others], refresh) => {
    if (first === undefined) throw new Error("no permissions are known for this call");
    const key = JSON.stringify([place.name, first]);
    if (others.length > 0 && ungranted.has(key)) return widestFor(place, others, refresh);
    try {
      return await tokenFor(place, first, refresh);
    } catch (error) {
      if (others.length === 0 || !isUngranted(error)) throw error;
      ungranted.add(key);
      return widestFor(place, others, refresh);
    }
  };
  return widestFor;
};

/** The App's own library keeps each token until a minute before it ends, by repository and permissions. */
const scopedTokens = (app: Octokit): TokenFor<Permissions> => {
  const installations = createCache<number>(maxInstallations);
  const installationOf = async ({ name, installation }: Place) =>
    (await ask(`find the App's installation on ${name}`, installation)).id;
  return async (place, permissions, refresh) => {
    const { name, repositories } = place;
    const installationId = await installations.read(name, () => installationOf(place));
    const scope = {
      ...{ type: "installation", installationId, permissions, refresh },
      ...(repositories.length > 0 && { repositoryNames: repositories }),
    };
    try {
      const { token } = await ask(`get a token for ${name}`, async () => ({
        data: authentication.parse(await app.auth(scope)),
      }));
      return token;
    } catch (error) {
      if (!isUngranted(error)) installations.forget(name);
      throw error;
    }
  };
};
