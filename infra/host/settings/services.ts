import type { Config, Configured } from "../../../shared/config.ts";
import { UpstreamError } from "../../../shared/errors.ts";
import type { Policy } from "../../../shared/incident/policy.ts";
import type { Metrics } from "../../../shared/ports/metrics.ts";
import { keeps } from "../../../shared/ports/store.ts";

/** The service of that name. Throws UpstreamError, for good, when the configuration no longer names it. */
export const serviceOf = ({ services }: Config, name: string): Configured => {
  const service = services.find((one) => one.name === name);
  if (service !== undefined) return service;
  throw new UpstreamError("configuration", `the service ${name} is no longer configured`, {
    retryable: false,
  });
};

export const servicesIn = ({ services }: Config, repository: string): Configured[] =>
  services.filter((service) => service.repository.toLowerCase() === repository.toLowerCase());

export const policyOf = ({ services }: Config, name: string): Policy =>
  services.find((one) => one.name === name)?.policy ?? abandoned;

/** The policy of incidents of a service that is no longer configured: they are only told. */
const abandoned: Policy = {
  mode: "observe",
  minConfidence: 1,
  autoConfidence: 1,
  lookAgainMs: [],
  changePrior: 0.7,
  stepMs: 0,
  approvalMs: 0,
  deployMs: 0,
  verifyMs: 0,
  cooldownMs: 0,
  deadlineMs: 0,
};

const unset = async (): Promise<never> => {
  throw new UpstreamError("prometheus", "PROMETHEUS_URL is not set", { retryable: true });
};

/** Whether a Prometheus is configured: for all services, or for one of its own. */
export const isMeasured = ({ services }: Config, url: string | undefined): boolean =>
  url !== undefined || services.some(({ metrics }) => metrics?.url !== undefined);

/** No recovery can be seen without Prometheus. */
export const unmeasured: Metrics = {
  rules: unset,
  recordings: unset,
  range: unset,
  value: async () => ({ unread: "PROMETHEUS_URL is not set" }),
  values: async () => ({ unread: "PROMETHEUS_URL is not set" }),
  labels: async () => ({ labels: [] }),
  course: async () => ({ forMs: 0, series: [] }),
};

/** How long an ended round is kept in the store, in ms. */
export const retentionOf = ({ retention }: Pick<Config, "retention">): number =>
  retention ?? keeps.incidentsMs;
