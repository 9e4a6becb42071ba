import { kebab } from "./names.ts";
import type { Scene } from "./scene.ts";

/** The alert as it arrives, alone or with labels, or undefined if `missing`. */
export const symptomOf = ({ dice, world, alert, alerting }: Scene, missing: boolean): string | undefined => {
  if (missing) return undefined;
  const { org } = world.domain;
  const name = alert.split(/[ :]/)[0]!.replace(/[^A-Za-z]/g, "") || "Alert";
  const namespace = dice.pick(["prod", "production", org]);
  const severity = dice.pick(["page", "critical", "warning"]);
  const labels = `{alertname="${name}", namespace="${namespace}", service="${alerting.name}", severity="${severity}"}`;
  return dice.pick([
    alert,
    `[FIRING:1] ${alert} (${alerting.name} prod critical)`,
    `${alert}\n${labels}`,
    `${alert}\nfor ${dice.int(2, 10)}m, runbook https://runbooks.${org}.io/${kebab(alerting.name)}`,
    `${labels} ${alert}`,
  ]);
};
