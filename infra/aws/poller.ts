import { leftAlone } from "../../functions/http/left.ts";
import { poll } from "../../functions/poll.ts";
import { asOf } from "../../shared/policy/emergency.ts";
import { askedTools, deployerSettings } from "../host/adapters/deployers.ts";
import { registryOf } from "./adapters/registries.ts";
import { storeOf } from "./adapters/store.ts";
import type { Definition, Host } from "./host.ts";
import { askForLooks } from "./looks.ts";

/** Every minute: asks the deployers that the environment names what runs, and records what is news. */
export const poller: Definition<unknown, void> = {
  name: "poll",
  make: (host) => {
    const { clock, log, stands } = host;
    const store = storeOf(host);
    const tools = askedTools(settingsOf(host), host.config());
    const registry = stands?.registry ?? registryOf(host);
    const woken = new Set<string>();
    const look = poll({
      ...{ store, clock, log, tools, leave: leftAlone({ store, clock, log }) },
      ...(registry && { registry }),
      get config() {
        return asOf(host.config(), clock());
      },
      wake: (ids) => {
        for (const id of ids) woken.add(id);
      },
    });
    return async () => {
      if (Object.keys(tools).length === 0) return;
      log.info("polled", await look());
      await askForLooks(store, [...woken], ["diagnose"]);
      woken.clear();
    };
  },
};

const settingsOf = ({ env, secret }: Host) =>
  deployerSettings({
    ...{ ARGOCD_URL: env.ARGOCD_URL, ARGOCD_TOKEN: secret("ARGOCD_TOKEN") },
    ...{ KUBERNETES_URL: env.KUBERNETES_URL, KUBERNETES_TOKEN: secret("KUBERNETES_TOKEN") },
    KUBERNETES_CA: env.KUBERNETES_CA,
  });
