import { observedFetch } from "../../../shared/adapters/http/observed-fetch.ts";
import { ecrLogin, ecrPlace } from "../../../shared/adapters/registry/ecr.ts";
import { signedFetch } from "./signed-fetch.ts";
import type { Credentials, SignerFor } from "./signer.ts";

/** The login of a registry by its host; undefined for a registry that is not in Amazon ECR. */
export type EcrLogins = (host: string) => (() => Promise<string>) | undefined;

type Given = {
  credentials: Credentials | undefined;
  signerFor: SignerFor;
  clock: () => number;
  fetch?: typeof fetch;
};

/** Logs in to the registries of Amazon ECR with these credentials of AWS; to none without them. */
export const ecrLogins =
  ({ credentials, signerFor, clock, fetch: send = observedFetch("registry") }: Given): EcrLogins =>
  (host) => {
    const place = ecrPlace(host);
    if (place === undefined || credentials === undefined) return undefined;
    const { region, url } = place;
    const signing = { service: "ecr", region, credentials, origin: new URL(url).origin } as const;
    return ecrLogin({ host, url, clock, fetch: signedFetch({ ...signing, signerFor, fetch: send }) });
  };
