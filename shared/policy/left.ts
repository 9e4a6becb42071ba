import { ownValue } from "../records.ts";
import { clip } from "../text/format.ts";
import type { Selector } from "./match.ts";
import { nearest } from "./nearest.ts";

/** The values that a report was held against the configuration by, and the name there that is nearest to them. */
export type LookedAt = { looked: Record<string, string>; nearest?: string };
type Named = Selector & { name: string };

/** Labels that are shown, and characters of each value. */
const [maxLabels, maxValue] = [8, 100];
const shown = (value: string | undefined): string =>
  value === undefined || value === "" ? "missing" : clip(value, maxValue);

/** Why no service takes an alert, by the labels that the matchers of the services name. */
export const unmatched = (services: Named[], labels: Record<string, string>): LookedAt => {
  const names = [...new Set(services.flatMap(({ match }) => match.map(({ label }) => label)))];
  const looked = Object.fromEntries(
    names.slice(0, maxLabels).map((name) => [name, shown(ownValue(labels, name))]),
  );
  for (const name of names) {
    const value = clip(ownValue(labels, name) ?? "", maxValue);
    const wanted = new Map(
      services.flatMap(({ match, name: service }) =>
        match.flatMap(({ label, equals }) => (label === name && equals ? [[equals, service] as const] : [])),
      ),
    );
    const near = value === "" ? undefined : nearest(value, [...wanted.keys()]);
    const service = near === undefined ? undefined : wanted.get(near);
    if (service !== undefined) return { looked, nearest: service };
  }
  return { looked };
};

/** Why none of a service's environments takes an alert. */
export const unplaced = (
  { name, environmentLabel, environments }: Named,
  labels: Record<string, string>,
): LookedAt => {
  const value = ownValue(labels, environmentLabel);
  const near = value === undefined ? undefined : nearest(clip(value, maxValue), environments);
  return {
    looked: { [environmentLabel]: shown(value) },
    nearest: near === undefined ? name : `${name}/${near}`,
  };
};

/** Why no service takes a deploy, by the tool's name of it or the service that it names. */
export const undeployed = (
  services: { name: string; environments: string[]; deploys?: { name: string }[] }[],
  { by, name, environment }: { by: string; name: string; environment?: string },
): LookedAt => {
  const known = new Map(
    services.flatMap((service) =>
      [service.name, ...(service.deploys ?? []).map((one) => one.name)].map(
        (one) => [one, service.name] as const,
      ),
    ),
  );
  const near = nearest(clip(name, maxValue), [...known.keys()]);
  const service = near === undefined ? undefined : known.get(near);
  return {
    looked: {
      [by]: shown(name),
      ...(environment !== undefined && { environment: shown(environment) }),
    },
    ...(service !== undefined && { nearest: service }),
  };
};
