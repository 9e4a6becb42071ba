import { randomUUID } from "node:crypto";
import type { Flagging } from "../../functions/known-bad.ts";
import type { Work } from "../../functions/step.ts";
import { killSwitch } from "../../functions/stop/kill-switch.ts";
import { stoppable, stoppableMerging, stoppableRedeploys } from "../../functions/stop/stoppable.ts";
import { github, githubClient, redeploysOf } from "../../shared/adapters/github/github.ts";
import { observedFetch } from "../../shared/adapters/http/observed-fetch.ts";
import { prometheus } from "../../shared/adapters/prometheus/prometheus.ts";
import { slack, slackClient } from "../../shared/adapters/slack/slack.ts";
import type { Config } from "../../shared/config.ts";
import { asOf } from "../../shared/policy/emergency.ts";
import type { Store } from "../../shared/ports/store.ts";
import type { Vouching } from "../../shared/ports/vouching.ts";
import { decisionsOf } from "../host/adapters/decisions.ts";
import { ecrLogins } from "../host/adapters/ecr.ts";
import { annotationsFor, grafanaRulesOf, placesOf } from "../host/adapters/grafana.ts";
import { logsOf } from "../host/adapters/logs.ts";
import { opinionsOf } from "../host/adapters/opinions.ts";
import { alertmanagerOf, pagingOf } from "../host/adapters/paging.ts";
import { registriesOf } from "../host/adapters/registries.ts";
import type { SignerFor } from "../host/adapters/signer.ts";
import { tracesOf } from "../host/adapters/traces.ts";
import { isMeasured, serviceOf, servicesIn, unmeasured } from "../host/settings/services.ts";
import type { Settings } from "../host/settings/settings.ts";
import { waitsOf } from "../host/settings/waits.ts";

type Given = {
  settings: Settings;
  /** The configuration as it is now. */
  config: () => Config;
  store: Store;
  clock: () => number;
  real: NonNullable<Settings["real"]>;
};

/** AWS's library is loaded where a store of AWS is read. */
const loadedSigner: SignerFor = async (signed) =>
  (await import("../host/adapters/signer.ts")).signerFor(signed);

/** The work of steps with the outside systems that the settings name. Its parts that follow the configuration are read at each use. */
export const workOf = (
  { settings, config, store, clock, real }: Given,
  { handle, pageOf }: Pick<Work, "handle" | "pageOf">,
): Work & { vouching: Vouching; flagging: Flagging } => {
  const waits = (system: string) => waitsOf(store, system);
  const client = githubClient({
    ...{ ...real.github, clock, fetch: observedFetch("github"), waits: waits("github") },
  });
  const repository = github({ client });
  const stop = killSwitch({ store, issues: repository, issue: () => config().killSwitch });
  const measured = prometheus({
    ...{ ...settings.prometheus, clock, fetch: observedFetch("prometheus") },
    ...grafanaRulesOf(settings.grafana),
  });
  return {
    ...{ store, clock, history: repository, trees: repository, changes: repository },
    ...{ killSwitch: stop, pulls: stoppable(repository, stop) },
    merging: stoppableMerging(repository, stop),
    redeploys: stoppableRedeploys(redeploysOf({ client }), stop),
    ...{ accounts: repository, vouching: repository, nonce: randomUUID },
    flagging: { source: repository, killSwitch: stop },
    chat: slack({
      ...{ clock, waits: waits("slack") },
      client: slackClient({ ...real.slack, fetch: observedFetch("slack") }),
    }),
    get metrics() {
      return isMeasured(config(), settings.prometheus.url) ? measured : unmeasured;
    },
    ...{ logs: logsOf(settings.logs, loadedSigner), traces: tracesOf(settings.traces) },
    paging: pagingOf(settings.paging, clock),
    ...alertmanagerOf(settings.paging, clock),
    ...{ ...annotationsFor(settings.grafana), places: placesOf(settings) },
    ...decisionsOf(settings.opa),
    ...registriesOf(config(), {
      logins: settings.logins,
      ecr: ecrLogins({ credentials: settings.aws, signerFor: loadedSigner, clock }),
    }),
    ...opinionsOf(settings.opinion),
    configuration: () => asOf(config(), clock()),
    serviceOf: (name) => serviceOf(config(), name),
    servicesIn: (repository) => servicesIn(config(), repository),
    handle,
    pageOf,
  };
};
