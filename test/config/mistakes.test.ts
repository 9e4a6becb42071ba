import assert from "node:assert/strict";
import { test } from "node:test";
import { parseConfig } from "../../shared/config.ts";
import { base, said, tellsEach } from "./mistaken.ts";

tellsEach([
  {
    mistake: "a key of another name",
    right: "    approvers: [U024BE7LH, U024BE7LI]",
    written: "    approver: [U024BE7LH]",
    says: ["c:10: services.0.approver: is not a setting: did you mean approvers?"],
  },
  {
    mistake: "a matcher with a space",
    right: 'service="checkout"',
    written: "service = checkout prod",
    says: [
      'c:4: services.0.match.0: an Alertmanager matcher such as service="checkout" or team=~"a|b", not "service = checkout prod": write service="checkout prod"',
    ],
  },
  {
    mistake: "no matcher",
    right: '[service="checkout"]',
    written: "[]",
    says: ['c:4: services.0.match: must have at least one entry, such as match: [service="checkout"]'],
  },
  {
    mistake: "a service twice",
    right: "name: fx-rates",
    written: "name: checkout",
    says: [
      "c:13: services.0.dependsOn.0: no service fx-rates stands in this file: it has checkout",
      'c:14: services.1.name: the service checkout stands here a second time: give it another name, or write one service whose matcher takes both, such as service=~"checkout|checkout-eu"',
    ],
  },
  {
    mistake: "a unit that is none",
    right: "hold: 5m",
    written: "hold: 5min",
    says: ['c:12: services.0.verify.hold: a duration such as "30s", "5m" or "1h30m": write 5m'],
  },
  {
    mistake: "a hold that is longer than the verification",
    right: "hold: 5m",
    written: "hold: 5h",
    says: [
      "c:12: services.0.verify.hold: longer than policy.verifyTimeout, so nothing could ever be verified: make hold shorter or verifyTimeout longer, such as hold: 5m and verifyTimeout: 30m",
    ],
  },
  {
    mistake: "a channel by its name",
    right: "channel: C024BE91L\n    approvers",
    written: "channel: '#payments'\n    approvers",
    says: [
      "c:9: services.0.channel: a Slack channel id such as C024BE91L, which stands at the end of the channel's details in Slack: names may change",
    ],
  },
  {
    mistake: "approvers by their names",
    right: "[U024BE7LH, U024BE7LI]",
    written: "['@ann', U024BE7LI]",
    says: [
      "c:10: services.0.approvers.0: a Slack user id such as U024BE7LH (“Copy member ID” in a profile), a user group id (S…), github:team/NAME or codeowners",
    ],
  },
  {
    mistake: "no approvers in mode auto",
    right: "approvers: [U024BE7LH, U024BE7LI]\n    policy: { mode: approve",
    written: "approvers: []\n    policy: { mode: auto",
    says: [
      "c:10: services.0.approvers: mode auto needs at least one approver, such as approvers: [U024BE7LH]: it asks whenever it may not act by itself",
    ],
  },
  {
    mistake: "a value to raise that is none",
    right: "    dependsOn: [fx-rates]",
    written: "    scaling: [{ match: [a=b], target: Deployment/a/b, raise: pods }]",
    says: ['c:13: services.0.scaling.0.raise: must be one of replicas, min, max, memory, cpu, not "pods"'],
  },
  {
    mistake: "logs of two kinds",
    right: "    dependsOn: [fx-rates]",
    written: "    logs: { loki: '{a=\"b\"}', elasticsearch: { index: a, query: b } }",
    says: [
      "c:13: services.0.logs: either loki: a LogQL query, or elasticsearch: { index, query }, or cloudwatch: { group, pattern }, and not loki and elasticsearch together: leave all but one out",
    ],
  },
  {
    mistake: "a path from the root",
    right: "services/checkout/",
    written: "/services/checkout/",
    says: [
      "c:7: services.0.paths.0: a path inside the repository, without a leading slash: write services/checkout/",
    ],
  },
  {
    mistake: "no environments",
    right: "    environments: [production, staging]\n",
    written: "",
    says: ["c:3: services.0.environments: is missing: write environments: [production]"],
  },
  {
    mistake: "a service that needs itself",
    right: "[fx-rates]",
    written: "[checkout]",
    says: ["c:13: services.0.dependsOn.0: is the service itself: name only other services"],
  },
  {
    mistake: "a label with a dash",
    right: "    dependsOn: [fx-rates]",
    written: "    versionLabel: app-version",
    says: [
      "c:13: services.0.versionLabel: a label name: letters, digits and underscores, as Prometheus has them (app-version is app_version there)",
    ],
  },
  {
    mistake: "a key without its s",
    right: "services:\n",
    written: "service:\n",
    says: ["c:2: service: is not a setting: did you mean services?"],
  },
  {
    mistake: "an expression that does not close",
    right: '[service="checkout"]',
    written: `['service=~"billing(-.*"']`,
    says: [
      'c:4: services.0.match.0: "billing(-.*" is not an expression that RE2 reads (missing closing ): `billing(-.*`): close the bracket, or write a backslash before one that is meant as it is',
    ],
  },
  {
    mistake: "two equals signs",
    right: 'service="checkout"',
    written: 'service=="checkout"',
    says: [
      'c:4: services.0.match.0: an Alertmanager matcher such as service="checkout" or team=~"a|b", not "service==\\"checkout\\"": one = compares',
    ],
  },
  {
    mistake: "matchers in braces",
    right: '[service="checkout"]',
    written: `['{a="b",c="d"}']`,
    says: [
      'c:4: services.0.match.0: an Alertmanager matcher such as service="checkout" or team=~"a|b", not "{a=\\"b\\",c=\\"d\\"}": write each matcher as an entry of its own, without braces',
    ],
  },
  {
    mistake: "a mode that is nearly one",
    right: "mode: approve",
    written: "mode: approval",
    says: [
      'c:11: services.0.policy.mode: must be one of observe, approve, auto, not "approval": did you mean approve?',
    ],
  },
  {
    mistake: "a duration without its unit",
    right: "hold: 5m",
    written: "hold: 5",
    says: ["c:12: services.0.verify.hold: must be text, such as hold: 5m, not the number 5"],
  },
  {
    mistake: "a hold of nothing",
    right: "hold: 5m",
    written: "hold: 0s",
    says: [
      "c:12: services.0.verify.hold: must be longer than 0: nothing would be watched before it counts as verified",
    ],
  },
  {
    mistake: "a probability in percent",
    right: "minConfidence: 0.5",
    written: "minConfidence: 80",
    says: ["c:11: services.0.policy.minConfidence: must be at most 1: 80 percent is written 0.8"],
  },
  {
    mistake: "no repository",
    right: "    repository: acme/checkout\n",
    written: "",
    says: ["c:3: services.0.repository: is missing: write repository: acme/shop"],
  },
  {
    mistake: "a repository by its address",
    right: "acme/checkout",
    written: "https://github.com/acme/checkout",
    says: [
      "c:5: services.0.repository: OWNER/REPO such as acme/shop, without the address of GitHub: write acme/checkout",
    ],
  },
  {
    mistake: "an address without its scheme",
    right: "https://countersteer",
    written: "countersteer",
    says: [
      "c:1: baseUrl: must be an address such as https://countersteer.example.com: write https:// or http:// before it",
    ],
  },
  {
    mistake: "a service that is nearly one",
    right: "[fx-rates]",
    written: "[fxrates]",
    says: ["c:13: services.0.dependsOn.0: no service fxrates stands in this file: did you mean fx-rates?"],
  },
  {
    mistake: "a pattern where the beginning of paths belongs",
    right: "services/checkout/",
    written: "services/*/checkout",
    says: ["c:7: services.0.paths.0: the beginning of paths such as services/pay/, not a pattern"],
  },
  {
    mistake: "{name} without each",
    right: "acme/fx-rates",
    written: "acme/{name}",
    says: [
      "c:16: services.1.repository: OWNER/REPO such as acme/shop, without the address of GitHub: {name} is filled in only in an entry that has each",
    ],
  },
  {
    mistake: "each beside name",
    right: "  - name: fx-rates",
    written: "  - name: fx-rates\n    each: [fx-rates, b]",
    says: [
      "c:13: services.0.dependsOn.0: no service fx-rates stands in this file: it has checkout",
      "c:15: services.1.each: stands beside name: give each for several services, or name for one",
    ],
  },
  {
    mistake: "a key that begins with the right one",
    right: '    match: [service="checkout"]',
    written: '    matchers: [service="checkout"]',
    says: ["c:4: services.0.matchers: is not a setting: did you mean match?"],
  },
  {
    mistake: "a tool that is nearly one",
    right: "    branch: main",
    written: "    deploys: [{ argo: checkout }]",
    says: ["c:6: services.0.deploys.0.argo: is not a setting: did you mean argocd?"],
  },
  {
    mistake: "two tools in one entry",
    right: "    branch: main",
    written: "    deploys: [{ argocd: a, workflow: b.yml }]",
    says: ["c:6: services.0.deploys.0: names 2 tools (argocd, workflow): write an entry for each"],
  },
  {
    mistake: "a fault inside one of two forms",
    right: "    branch: main",
    written: "    gitops: { repository: acme/config, branches: main }",
    says: ["c:6: services.0.gitops.branches: is not a setting: did you mean branch?"],
  },
  {
    mistake: "a fault inside the store of logs that was chosen",
    right: "    branch: main",
    written: "    logs: { elasticsearch: { index: App, query: x } }",
    says: ["c:6: services.0.logs.elasticsearch.index: an index name or pattern"],
  },
  {
    mistake: "expressions without their alerts",
    right: "verify: { hold: 5m }",
    written: "verify: { expr: [up] }",
    says: [
      'c:12: services.0.verify.expr.0: must hold keys (alert, query), such as { alert: CheckoutErrors, query: up{job="checkout"} }, not "up"',
    ],
  },
  {
    mistake: "a share with a percent sign",
    right: "minConfidence: 0.5",
    written: "minConfidence: 50%",
    says: [
      'c:11: services.0.policy.minConfidence: must be a number, such as minConfidence: 0.5, not "50%": 50 percent is written 0.5',
    ],
  },
  {
    mistake: "a share with a comma",
    right: "minConfidence: 0.5",
    written: "minConfidence: '0,5'",
    says: [
      'c:11: services.0.policy.minConfidence: must be a number, such as minConfidence: 0.5, not "0,5": write 0.5, with a dot',
    ],
  },
  {
    mistake: "an expression that looks ahead",
    right: '[service="checkout"]',
    written: `['service=~"billing(?!-x)"']`,
    says: [
      'c:4: services.0.match.0: "billing(?!-x)" is not an expression that RE2 reads (invalid or unsupported Perl syntax: `(?!`): RE2 looks neither ahead nor behind, so write a second matcher with !~',
    ],
  },
  {
    mistake: "a label with a dash in a matcher",
    right: '[service="checkout"]',
    written: `['app-name="checkout"']`,
    says: [
      'c:4: services.0.match.0: an Alertmanager matcher such as service="checkout" or team=~"a|b", not "app-name=\\"checkout\\"": write app_name="checkout", or "app-name" in quotes where the label has that very name',
    ],
  },
  {
    mistake: "people by their logins",
    right: "services:\n",
    written: "people: { ann: { github: ann } }\nservices:\n",
    says: [
      "c:2: people.ann: is not a key that can stand here: it is a Slack user id (U…, W…) such as U024BE7LH",
    ],
  },
]);

test("a duration in another form is told as it is written here", () => {
  const right = (written: string) => said("hold: 5m", `hold: ${written}`)[0]?.split(": write ")[1];
  assert.deepEqual(["5M", "5 minutes", "PT5M", "P7D", "1.5h", "90 secs", "1y", "-5m", "soon"].map(right), [
    "5m",
    "5m",
    "5m",
    "7d",
    "1h30m",
    "90s",
    "365d",
    undefined,
    undefined,
  ]);
});

test("a duration of several units, weeks, a folder with /** and a branch with refs/heads/ are read", () => {
  const parsed = parseConfig(
    base
      .replace("hold: 5m", "hold: 1m30s")
      .replace("minConfidence: 0.5", "cooldown: 1w")
      .replace("services/checkout/", "services/checkout/**")
      .replace("branch: main", "branch: refs/heads/release"),
  );
  assert.ok("config" in parsed);
  const [{ verify, policy, paths, branch } = assert.fail()] = parsed.config.services;
  assert.deepEqual(
    [verify.holdMs, policy.cooldownMs, paths, branch],
    [90_000, 604_800_000, ["services/checkout/"], "release"],
  );
});
