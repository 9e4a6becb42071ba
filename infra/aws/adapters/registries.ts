import type { Registry } from "../../../shared/ports/registry.ts";
import { ecrLogins } from "../../host/adapters/ecr.ts";
import { readLogins, registriesOf as registriesFrom } from "../../host/adapters/registries.ts";
import { signerFor } from "../../host/adapters/signer.ts";
import { accessOf, type Host } from "../host.ts";

/** The registries of the configuration: those of Amazon ECR by the function's role, others by the logins of `REGISTRY_AUTH`. */
export const registryOf = (host: Host): Registry | undefined => {
  const { clock, config, log, secret } = host;
  const text = secret("REGISTRY_AUTH");
  const logins = text === undefined ? new Map() : readLogins(text);
  if (logins === undefined)
    log.error(
      "REGISTRY_AUTH is not an auth file as docker or podman write it: registries are asked without a login",
    );
  const ecr = ecrLogins({ credentials: accessOf(host, "").credentials, signerFor, clock });
  return registriesFrom(config(), { logins: logins ?? new Map(), ecr }).registry;
};
