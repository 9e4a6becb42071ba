/** The permissions that an installation token is asked for: a subset of the App's. */
export type Permissions = Record<string, "read" | "write">;

/** A call as Octokit has it: `url` with its parameters by name; `query` of GraphQL. */
export type Call = { method: string; url: string; query?: unknown };
type Rule = { fits: (call: Call) => boolean; sets: Permissions[] };

const code: Permissions = { contents: "read", pull_requests: "read" };

const rest =
  (methods: string[], path: RegExp) =>
  ({ method, url }: Call): boolean => {
    const below = /^\/repos\/\{owner\}\/\{repo\}(.*)$/.exec(url)?.[1];
    return methods.includes(method) && below !== undefined && path.test(below);
  };
const graphql =
  (isWrite: boolean) =>
  ({ url, query }: Call): boolean =>
    // Octokit gives the whole address for GitHub Enterprise Server.
    /(^|\/)graphql$/.test(url) && typeof query === "string" && /^\s*mutation\b/.test(query) === isWrite;

/**
 * The permissions of each call; the first line that fits counts: https://docs.github.com/en/rest/authentication/permissions-required-for-github-apps.
 * Of several sets, the first that the installation has been granted counts. A call that no line knows gets no token.
 */
const rules: Rule[] = [
  { fits: ({ method, url }) => method === "GET" && url.startsWith("/orgs/"), sets: [{ members: "read" }] },
  { fits: rest(["GET"], /^\/commits\/[^/]+\/check-runs$/), sets: [{ checks: "read" }] },
  { fits: rest(["GET"], /^\/commits\/[^/]+\/status$/), sets: [{ statuses: "read" }] },
  // Drafts of post-mortems, in the repository that the configuration names for them.
  { fits: rest(["GET"], /^\/issues$/), sets: [{ issues: "read" }] },
  { fits: rest(["POST"], /^\/issues$/), sets: [{ issues: "write" }] },
  // A pull request is an issue too: an App that reads no issues may read those of pull requests.
  {
    fits: rest(["GET"], /^\/issues\//),
    sets: [{ issues: "read", pull_requests: "read" }, { pull_requests: "read" }],
  },
  { fits: rest(["GET"], /^\/actions\//), sets: [{ actions: "read" }] },
  { fits: rest(["GET"], /^\/deployments(\/|$)/), sets: [{ deployments: "read" }] },
  { fits: rest(["GET"], /^/), sets: [code] },
  // The only calls with these permissions: putting the last good deploy back.
  {
    fits: rest(["POST"], /^\/actions\/workflows\/[^/]+\/dispatches$/),
    sets: [{ actions: "write" }],
  },
  { fits: rest(["POST"], /^\/deployments$/), sets: [{ deployments: "write" }] },
  { fits: rest(["POST"], /^\/statuses\//), sets: [{ statuses: "write" }] },
  {
    fits: rest(["PUT"], /^\/pulls\/[^/]+\/(merge|update-branch)$/),
    sets: [{ contents: "write", pull_requests: "write" }],
  },
  {
    fits: rest(["POST", "PATCH", "PUT", "DELETE"], /^\/(pulls|issues)(\/|$)/),
    sets: [{ contents: "read", pull_requests: "write" }],
  },
  { fits: rest(["POST", "PATCH", "DELETE"], /^\/git\//), sets: [{ contents: "write" }] },
  { fits: graphql(true), sets: [{ contents: "write", pull_requests: "write" }] },
  { fits: graphql(false), sets: [{ ...code, checks: "read", statuses: "read" }, code] },
];

/** The sets of permissions with which the call may be made, the widest first. */
export const permissionsFor = (call: Call): Permissions[] => rules.find(({ fits }) => fits(call))?.sets ?? [];
