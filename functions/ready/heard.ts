import type { EpochMs } from "../../shared/brands.ts";
import type { Configured } from "../../shared/config.ts";
import { keeps, type LeftRecord, type Store } from "../../shared/ports/store.ts";
import { counted, dateTime } from "../../shared/text/format.ts";
import { reasons } from "../http/reasons.ts";
import { inLanes } from "../lanes.ts";
import { type Finding, ok, warning } from "./finding.ts";

/** The record of what came in: calls and reports that were left alone, whether an alert was ever taken, and of whom a deploy is known. */
export type Heard = {
  left: LeftRecord[];
  hasIncidents: boolean;
  hasDeploy: (service: string, environment: string) => Promise<boolean>;
};

/** The record of a store. */
export const heardBy = async (store: Store, now: EpochMs): Promise<Heard> => {
  const [{ value: left = [] }, incidents] = await Promise.all([store.register("left"), store.list()]);
  return {
    ...{ left, hasIncidents: incidents.length > 0 },
    hasDeploy: async (service, environment) =>
      (await store.deploys(service, environment, now - keeps.deploysMs)).length > 0,
  };
};

const day = 24 * 60 * 60_000;
/** Places that are looked at, and those that are named: each is a read of the store. */
const most = { places: 100, named: 5 };

/** Senders that never called, and calls that were refused within the last day. */
export const heardFindings = async (
  heard: Heard,
  services: Configured[],
  now: EpochMs,
): Promise<Finding[]> => [
  ...alertsOf(heard),
  ...(await deploysOf(heard, services)),
  ...refusedCalls(heard, now),
];

const alertsOf = ({ hasIncidents, left }: Heard): Finding[] =>
  hasIncidents || left.some(({ kind }) => kind === "alerts")
    ? [ok("alerts", "alerts have come in")]
    : [
        warning(
          "alerts",
          "no alert has come in yet, so nothing shows that Alertmanager reaches this server",
          "try it: cli drill plays an alert through Alertmanager (docs/drill.md)",
        ),
      ];

const deploysOf = async ({ hasDeploy }: Heard, services: Configured[]): Promise<Finding[]> => {
  const places = services
    .flatMap(({ name, environments }) => environments.map((environment) => ({ name, environment })))
    .slice(0, most.places);
  const silent: string[] = [];
  await inLanes(places, {
    ...{ lanes: 8, isOver: () => false },
    work: async ({ name, environment }) => {
      if (!(await hasDeploy(name, environment))) silent.push(`${name} in ${environment}`);
    },
  });
  if (silent.length === 0) return [ok("deploys", `are known of ${counted(places.length, "place")}`)];
  const named = silent.toSorted().slice(0, most.named);
  const more = silent.length - named.length;
  return [
    warning(
      "deploys",
      `none is known of ${named.join(", ")}${more > 0 ? ` and ${more} more` : ""}: a fix there is never seen live`,
      "have its deployer tell them, or name it (docs/connect-deploys.md)",
    ),
  ];
};

/** The reasons that tell of a sender that is set up wrongly. */
const ofSetUp: LeftRecord["reason"][] = ["no_credential", "foreign", "malformed", "too_large"];

const refusedCalls = ({ left }: Heard, now: EpochMs): Finding[] =>
  left.flatMap(({ kind, name, reason, at, count = 1 }) => {
    const isOfSender = kind === "requests" && / \/(webhooks|slack)\//.test(name);
    if (!isOfSender || !ofSetUp.includes(reason) || now - at > day) return [];
    const [why, todo] = reasons[reason];
    return [
      warning(
        "calls",
        `${name} was refused ${counted(count, "time")}, last at ${dateTime(at)} UTC: ${why}`,
        todo,
      ),
    ];
  });
