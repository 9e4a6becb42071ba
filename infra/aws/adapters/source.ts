import {
  accountsOf,
  type GithubClient,
  type GithubPorts,
  github,
  githubClient,
  redeploysOf,
} from "../../../shared/adapters/github/github.ts";
import { observedFetch } from "../../../shared/adapters/http/observed-fetch.ts";
import type { Accounts } from "../../../shared/ports/accounts.ts";
import type { Redeploys } from "../../../shared/ports/redeploys.ts";
import { waitsOf } from "../../host/settings/waits.ts";
import type { Host } from "../host.ts";
import { renewing } from "./renewing.ts";
import { storeOf } from "./store.ts";

type Credential = "GITHUB" | "GITHUB_READ" | "GITHUB_TELL";

/** GitHub with one of the three credentials: for pushes and merges, for reads, or for comments and checks. A token, or an App. */
export const sourceOf = (host: Host, credential: Credential): GithubPorts =>
  renewing(host, () =>
    github({ client: clientOf(host, credential), keepsPictures: credential === "GITHUB" }),
  );

/** People as GitHub knows them. */
export const accountsWith = (host: Host, credential: Credential): Accounts =>
  renewing(host, () => accountsOf({ client: clientOf(host, credential) }));

/** The redeploys of the functions that look for one or order it, and of no others. */
export const redeploysWith = (host: Host, credential: Credential): Redeploys =>
  renewing(host, () => redeploysOf({ client: clientOf(host, credential) }));

const clientOf = (host: Host, credential: Credential): GithubClient => {
  const { env, secret, clock } = host;
  const access = {
    apiUrl: env.GITHUB_API_URL ?? "https://api.github.com",
    ...{ clock, fetch: observedFetch("github"), waits: waitsOf(storeOf(host), credential) },
  };
  const token = secret(`${credential}_TOKEN`);
  if (token !== undefined) return githubClient({ ...access, token });
  const appId = secret(`${credential}_APP_ID`);
  const privateKey = secret(`${credential}_APP_PRIVATE_KEY`)?.replaceAll("\\n", "\n");
  if (appId === undefined || privateKey === undefined)
    throw new Error(
      `neither ${credential}_TOKEN nor ${credential}_APP_ID and ${credential}_APP_PRIVATE_KEY are set`,
    );
  return githubClient({ ...access, appId, privateKey });
};
