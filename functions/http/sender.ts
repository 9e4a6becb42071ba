import type { Config } from "../../shared/config.ts";
import { clip } from "../../shared/text/format.ts";
import type { ReceiverContext, Secrets } from "./context.ts";
import type { Leaving } from "./left.ts";

/** Somebody who may call a receiver, and the services that they may speak of. */
export type Sender = { name: string; owns: (service: string) => boolean };
export type Kind = NonNullable<Config["senders"]>[number]["kinds"][number];
/** Tries one secret on a request. */
type Proof = (secret: string) => boolean;

const secretOf = { alerts: "alertmanager", deploys: "deploys", flags: "flags" } as const;

/** The name of a secret of ours. */
export type SecretName = Exclude<keyof Secrets, "previous" | "senders">;

/** A secret, and the former one while both count. */
export const both = (secrets: Secrets, name: SecretName): string[] =>
  [secrets[name], secrets.previous?.[name]].filter((secret) => secret !== undefined);

/**
 * The sender of a request, by the secret that proves it; undefined for a stranger. The token of the whole receiver speaks of every
 * service, one of `senders` of those that the configuration gives it. `others` are secrets that prove the whole receiver as well.
 */
export const senderOf = (
  { config, secrets }: ReceiverContext,
  { kind, others = [] }: { kind: Kind; others?: SecretName[] },
  proves: Proof,
): Sender | undefined => {
  const whole = [secretOf[kind], ...others].flatMap((name) => both(secrets, name));
  const isAll = whole.filter(proves).length > 0;
  const proven = (config.senders ?? []).filter(
    ({ kinds, token }) => kinds.includes(kind) && (secrets.senders?.[token] ?? []).filter(proves).length > 0,
  );
  if (isAll) return { name: "every service", owns: () => true };
  if (proven.length === 0) return undefined;
  const services = new Set(proven.flatMap((sender) => sender.services));
  return { name: proven.map(({ name }) => name).join(", "), owns: (service) => services.has(service) };
};

type Foreign = { service: string; name?: string };

/** A report about a service that is not its sender's. `name`: the report as the page names it. */
export const strangers = (kind: Kind, sender: Sender, { service, name = service }: Foreign): Leaving => ({
  ...{ kind, name, reason: "not_owned" },
  about: () => ({ looked: { sender: clip(sender.name, 100), service: clip(service, 100) } }),
});

/** Notes it, and returns the outcome that its sender is told. */
export const notOwned = async (
  { leave }: Pick<ReceiverContext, "leave">,
  kind: Kind,
  sender: Sender,
  service: string,
): Promise<"not_owned"> => {
  await leave([strangers(kind, sender, { service })]);
  return "not_owned";
};
