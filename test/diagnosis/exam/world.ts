import type { Dice } from "./dice.ts";
import { type Domain, heldOut, known } from "./domains.ts";
import type { Service } from "./languages.ts";

export type Half = "A" | "B";
/** The company of a case. `service` has the trouble, `upstream` is what it depends on, the rest stand by. */
export type World = {
  dice: Dice;
  domain: Domain;
  services: Service[];
  service: Service;
  upstream: Service;
  other: Service;
  another: Service;
  rest: Service[];
  /** Where what all run on is written down. */
  infra: Service;
  entity: () => string;
  /** The file of a service's settings in production. */
  configOf: (service: Service) => string;
};

const layouts: ((name: string) => string)[] = [
  (name) => `services/${name}`,
  (name) => name,
  (name) => `apps/${name}`,
  (name) => `backend/${name}`,
  (name) => `src/${name}`,
];
const configs: ((name: string) => string)[] = [
  (name) => `deploy/${name}/values-prod.yaml`,
  (name) => `k8s/overlays/prod/${name}/deployment-patch.yaml`,
  (name) => `infra/helm/${name}/values.yaml`,
  (name) => `config/production/${name}.yml`,
  (name) => `gitops/prod/${name}/values.yaml`,
];

export const worldOf = (dice: Dice, half: Half): World => {
  const domain = dice.pick(domainsOf(dice, half));
  const { org } = domain;
  const layout = dice.pick(layouts);
  const config = dice.pick(configs);
  const services = dice
    .some(domain.services, domain.services.length)
    .map(([name, language]): Service => ({ name, language, dir: layout(name), org }));
  const [service, upstream, other, another, ...rest] = services as [Service, Service, Service, Service];
  return {
    ...{ dice, domain, services, service, upstream, other, another, rest },
    infra: { name: "infra", language: "go", dir: "infra/terraform", org },
    entity: () => dice.pick(domain.entities),
    configOf: ({ name }) => config(name),
  };
};

const domainsOf = (dice: Dice, half: Half): Domain[] => {
  if (half === "A") return known;
  return dice.chance(0.35) ? heldOut : [...known, ...heldOut];
};
