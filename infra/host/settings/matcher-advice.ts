import type { Configured } from "../../../shared/config.ts";

type Matchers = Configured["match"];
type Matcher = Matchers[number];
/** A doubt about one place below a service. */
export type Doubt = { path: (string | number)[]; message: string };

/** Matchers that no alert can satisfy together, that the environments rule out, or that compare with quotes nobody writes. */
export const doubtsOfMatchers = (service: Configured): Doubt[] => [
  ...contradicting(service.match),
  ...elsewhere(service),
  ...service.match.flatMap(quotesInside),
];

const contradicting = (match: Matchers): Doubt[] => {
  for (const [index, one] of match.entries()) {
    const other = match.find((another) => another.label === one.label && isAgainst(one, another));
    if (other !== undefined)
      return [
        {
          path: ["match", index],
          message: `no alert suits this service: all its matchers must hold, and ${one.label}=${JSON.stringify(one.equals)} leaves nothing for another matcher of ${one.label}; keep one, or write both values in one, such as ${one.label}=~"${one.equals}|…"`,
        },
      ];
  }
  return [];
};

const isAgainst = ({ equals }: Matcher, { matches }: Matcher): boolean =>
  equals !== undefined && !matches(equals);

const elsewhere = ({ match, environmentLabel, environments }: Configured): Doubt[] =>
  match.flatMap(({ label, matches }, index) =>
    label !== environmentLabel || environments.some((one) => matches(one))
      ? []
      : [
          {
            path: ["match", index],
            message: `no alert suits this service: its environments are ${environments.join(", ")}, and this matcher of ${label} holds for none of them; name one in both places, such as ${label}="${environments[0]}"`,
          },
        ],
  );

/** A label's value is without quotes; Alertmanager's matchers know only the straight double ones. */
const quotesInside = ({ label, equals }: Matcher, index: number): Doubt[] => {
  const [, inner] = /^['‘’“”„«](.*)['‘’“”»]$/.exec(equals ?? "") ?? [];
  if (inner === undefined) return [];
  const message = `compares ${label} with ${equals}, the quotes being part of the value: write ${label}="${inner}" in straight double quotes`;
  return [{ path: ["match", index], message }];
};

/** Entries of lists that stand twice. */
export const repeated = ({
  approvers,
  environments,
  paths,
  dependsOn = [],
  flags = [],
  match,
}: Configured): Doubt[] => [
  ...Object.entries({ approvers, environments, paths, dependsOn, flags }).flatMap(([key, list]) =>
    twice(key, list),
  ),
  ...twice(
    "match",
    match.map(({ label, equals }) =>
      equals === undefined ? undefined : `${label}=${JSON.stringify(equals)}`,
    ),
  ),
];

const twice = (key: string, list: (string | undefined)[]): Doubt[] =>
  list.flatMap((one, index) =>
    one === undefined || list.indexOf(one) === index
      ? []
      : [{ path: [key, index], message: `${one} stands twice in this list: leave one out` }],
  );
