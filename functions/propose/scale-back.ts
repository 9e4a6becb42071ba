import type { Intent } from "../../shared/incident/commands.ts";
import type { Scale } from "../../shared/incident/model.ts";
import { queriesOf, ruleOf } from "../../shared/policy/scaling.ts";
import { isRefused } from "../../shared/yaml/refused.ts";
import type { Proposing } from "./revert.ts";
import { editOf, open } from "./scale.ts";

/**
 * The way back of a scale that was for a time. Asks a person instead when someone has changed the value since, or when as much is still
 * wanted as there would then not be.
 */
export const scaleBack = async ({ work, incident, service }: Proposing, remedy: Scale): Promise<Intent> => {
  const refused = (detail: string): Intent => ({ type: "Escalate", reason: "refused", detail });
  const rule = ruleOf(work.serviceOf(incident.service).scaling ?? [], remedy);
  if (rule === undefined) return refused("no rule of the configuration is about it any more");
  const { current } = queriesOf(rule);
  const wanted = current === undefined ? undefined : await work.metrics.value(service, current, work.clock());
  if (wanted !== undefined && "value" in wanted && remedy.field !== "min" && wanted.value > Number(remedy.to))
    return refused(`${wanted.value} are still wanted, more than the ${remedy.to} it would go back to`);
  const made = await editOf(work, service, { remedy, rule });
  if (isRefused(made)) return refused(made.refused);
  const { edited } = made;
  if (remedy.edit !== undefined && String(edited.before) !== remedy.edit.after)
    return refused(
      `${edited.owner.file}:${edited.owner.line} says ${edited.before}, not ${remedy.edit.after}, as someone has changed it since`,
    );
  const pull = await open(work, service, { made, incident, remedy, isWayBack: true });
  return "refused" in pull ? refused(pull.refused) : { type: "RecordProposal", remedy, pull, guarded: true };
};
