import type { Secrets } from "../../../functions/http/context.ts";
import { both } from "../../../functions/http/sender.ts";
import type { Config } from "../../../shared/config.ts";
import { ConfigurationError } from "../errors.ts";

type Named = Required<Secrets>["previous"];

type Present = (typeof variables)[keyof Named];

/** The secrets of all receivers, each with the former one. */
export const secretsFrom = (read: (name: Present | `${Present}_PREVIOUS`) => string | undefined): Secrets => {
  const all = <N extends string>(nameOf: (present: Present) => N, of: (name: N) => string | undefined) =>
    Object.fromEntries(Object.entries(variables).map(([name, present]) => [name, of(nameOf(present))]));
  const present = all((name) => name, read);
  const previous = all((name) => `${name}_PREVIOUS` as const, read);
  return { ...(present as Pick<Secrets, keyof Named>), previous: previous as Named };
};

const variables = {
  alertmanager: "ALERTMANAGER_TOKEN",
  grafana: "GRAFANA_SECRET",
  deploys: "DEPLOYS_TOKEN",
  flags: "FLAGS_TOKEN",
  github: "GITHUB_WEBHOOK_SECRET",
  slack: "SLACK_SIGNING_SECRET",
  operator: "OPERATOR_TOKEN",
} as const satisfies Record<keyof Named, string>;

/** The variables that hold the tokens of `senders`, each with that of its former token. */
export const senderVariables = ({ senders = [] }: Config): string[] =>
  senders.flatMap(({ token }) => [token, `${token}_PREVIOUS`]);

/** The tokens of `senders`, by variable. */
export const senderTokens = (
  { senders = [] }: Pick<Config, "senders">,
  read: (name: string) => string | undefined,
) =>
  Object.fromEntries(
    senders.map(({ token }) => [
      token,
      [read(token), read(`${token}_PREVIOUS`)].filter((one) => one !== undefined),
    ]),
  );

/** The problems with the tokens of the senders, a sentence each. A token of a whole receiver would speak of every service. */
export const senderProblems = (config: Config, secrets: Secrets): string[] => {
  const known = new Map<string, string>(
    Object.entries(variables).flatMap(([name, variable]) =>
      both(secrets, name as keyof Named).map((secret): [string, string] => [secret, variable]),
    ),
  );
  return (config.senders ?? []).flatMap(({ name, token }) => {
    const own = secrets.senders?.[token] ?? [];
    const others = own.flatMap((one) => {
      const other = known.get(one);
      known.set(one, other ?? token);
      return other === undefined || other === token
        ? []
        : [`${other} and ${token} hold the same token: give each sender one of its own`];
    });
    if (own.length > 0) return others;
    return [`the sender ${name} has no token: set ${token}, which the configuration names`];
  });
};

/** Throws ConfigurationError when a sender of the file has no token, or not one of its own. */
export const checkSenderTokens = (config: Config, secrets: Secrets): void => {
  const problems = senderProblems(config, secrets);
  if (problems.length > 0) throw new ConfigurationError(problems.join("\n"));
};
