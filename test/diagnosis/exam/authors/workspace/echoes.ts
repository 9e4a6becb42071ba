import type { Dice } from "./dice.ts";
import { edit } from "./edit.ts";
import { services } from "./services.ts";
import type { Change, Story } from "./story.ts";

const nameOf = (story: Story) => story.symptoms[0]!.split(":")[0]!;
const textOf = (symptom: string) => symptom.replace(/^\w+: /, "").replaceAll('"', "'");

const alertRule = (story: Story, text: string, dice: Dice): Change => {
  const name = nameOf(story);
  return {
    subjects: [
      `Reword the ${name} alert`,
      `Refactor alerts of ${story.service}`,
      `Page sooner: ${text.slice(0, 42)}`,
    ],
    edits: [
      edit(
        `${services[story.service].root}/deploy/alerts.yaml`,
        `
   - alert: ${name}
     labels:
-      severity: ticket
+      severity: page
+      team: on-call
     annotations:
-      summary: ${story.service}
+      summary: "${text}"
+      dashboard: https://grafana.internal/d/${dice.hex(6)}
   # ${textOf(story.symptoms[0]!)}`,
      ),
    ],
  };
};

const runbook = (story: Story, text: string, dice: Dice): Change => ({
  subjects: [
    `Runbook: ${text.slice(0, 48)}`,
    `Runbook of ${nameOf(story)}`,
    `Clean up the runbook of ${story.service}`,
  ],
  edits: [
    edit(
      `${services[story.service].root}/docs/runbook.md`,
      `
 ## ${nameOf(story)}

-Ask in the channel of ${story.service}.
+> ${text}
+
+1. Look at the dashboard of ${story.service}, last ${dice.int(1, 6)} hours.
+2. Compare with ${services[story.service].dependsOn.join(", ")}.
+3. Call the second on-call after ${dice.int(10, 30)} minutes.

 ${textOf(story.symptoms.at(-1)!)}`,
    ),
  ],
});

const probe = (story: Story, text: string, dice: Dice): Change => ({
  subjects: [
    `Probe ${story.service} every minute`,
    `Tidy the probe of ${story.service}`,
    `Probe: ${text.slice(0, 44)}`,
  ],
  edits: [
    edit(
      `${services[story.service].root}/probe/checks.yaml`,
      `
 checks:
   - service: ${story.service}
-    every: 5m
+    every: ${dice.int(1, 3)}m
+    timeout: ${dice.int(4, 20)}s
+    retries: 1
     # ${text}
     steps:
       - open: /
-      - expect: 200
+      - expect: [200, 204]`,
    ),
  ],
});

/** Harmless commits that speak of the alert itself: its rule, its runbook, its probe. */
export const echoesOf = (story: Story, dice: Dice): Change[] => {
  const count = dice.pick([0, 1, 1, 2, 2, 3]);
  const kinds = dice.shuffle([alertRule, runbook, probe]).slice(0, count);
  return kinds.map((kind) => kind(story, textOf(dice.pick(story.symptoms)), dice));
};
