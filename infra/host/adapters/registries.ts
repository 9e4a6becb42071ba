import { object, optional, record, string } from "zod";
import { observedFetch } from "../../../shared/adapters/http/observed-fetch.ts";
import { registry } from "../../../shared/adapters/registry/registry.ts";
import type { Config } from "../../../shared/config.ts";
import type { Registry } from "../../../shared/ports/registry.ts";
import type { EcrLogins } from "./ecr.ts";

/** `USER:PASSWORD` by a registry's host. */
export type Logins = Map<string, string>;

const file = object({ auths: record(string(), object({ auth: optional(string()) })) });

/** The logins of an auth file as docker and podman write it; undefined for what is none. */
export const readLogins = (text: string): Logins | undefined => {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  const parsed = file.safeParse(json);
  if (!parsed.success) return undefined;
  const logins = Object.entries(parsed.data.auths).flatMap(([name, { auth = "" }]): [string, string][] => {
    const login = Buffer.from(auth, "base64").toString();
    return login.includes(":") ? [[hostOf(name), login]] : [];
  });
  return new Map(logins);
};

/** Docker writes its own registry's name as an address of old. */
const hostOf = (name: string): string => {
  const host = name.replace(/^https?:\/\//, "").split("/")[0]!;
  return host === "index.docker.io" ? "docker.io" : host;
};

/** The registries of the configuration, none when it names none. A login of the file counts before that of Amazon ECR. */
export const registriesOf = (
  { registries = [] }: Config,
  { logins = new Map(), ecr = () => undefined }: { logins?: Logins; ecr?: EcrLogins } = {},
): { registry?: Registry } =>
  registries.length === 0
    ? {}
    : {
        registry: registry({
          fetch: observedFetch("registry"),
          registries: registries.map((one) => {
            const login = logins.get(one.host) ?? ecr(one.host);
            return login === undefined ? one : { ...one, login };
          }),
        }),
      };
