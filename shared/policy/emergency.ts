import type { EpochMs } from "../brands.ts";
import { type Freeze, frozenAt } from "./calendar.ts";

type Service = { policy: { freeze?: Freeze[]; quorum?: number } };

/** The configuration as it counts at `at`: in a freeze that allows emergencies, so many must approve. */
export const asOf = <S extends Service, C extends { services: S[] }>(config: C, at: EpochMs): C =>
  config.services.some(({ policy }) => policy.freeze !== undefined)
    ? { ...config, services: config.services.map((service) => inFreeze(service, at)) }
    : config;

const inFreeze = <S extends Service>(service: S, at: EpochMs): S => {
  const { freeze = [], quorum = 1 } = service.policy;
  const emergency = frozenAt(freeze, at)?.emergency;
  if (emergency === undefined || emergency <= quorum) return service;
  return { ...service, policy: { ...service.policy, quorum: emergency } };
};
