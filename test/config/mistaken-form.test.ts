import { base, tellsEach } from "./mistaken.ts";

// YAML that cannot be read, or that is another thing than it seems.

tellsEach([
  {
    mistake: "a key of another place, because a line is indented too far",
    right: "    verify: { hold: 5m }",
    written: "    verify:\n      hold: 5m\n      mode: approve",
    says: ["c:14: services.0.verify.mode: is not a setting here: it belongs to services[].policy"],
  },
  {
    mistake: "a line that is indented too little",
    right: "    verify: { hold: 5m }",
    written: "    verify:\n      hold: 5m\n     expr: up",
    says: [
      "c:14: this line is not indented as the keys beside it: keys of one map begin in the same column; this one begins in column 6, the line above it in column 7",
    ],
  },
  {
    mistake: "a tab",
    right: "    branch: main",
    written: "\tbranch: main",
    says: ["c:6: this line begins with a tab: indent with spaces, as many as the keys beside it have"],
  },
  {
    mistake: "a key twice",
    right: "    branch: main",
    written: "    branch: main\n    branch: dev",
    says: ["c:7: the key branch stands twice in one map: keep one of the two"],
  },
  {
    mistake: "a bracket that is not closed",
    right: "name: checkout",
    written: "name: [checkout",
    says: ["c:4: a [ on a line above is not closed: write the bracket that closes it"],
  },
  {
    mistake: "a brace that is not closed",
    right: "verify: { hold: 5m }",
    written: "verify: { hold: 5m",
    says: ["c:13: a { on a line above is not closed: write the bracket that closes it"],
  },
  {
    mistake: "a text that begins with an asterisk",
    right: "branch: main",
    written: "branch: *main",
    says: [
      "c:6: this alias (*name) names an anchor (&name) that the file does not have before it: put a text that begins with * in quotes",
    ],
  },
  {
    mistake: "no services below the key",
    right: base.slice(base.indexOf("services:")),
    written: "services:\n",
    says: [
      'c:2: services: must be a list, such as services: [{ name: checkout, match: [service="checkout"], repository: acme/shop, environments: [production], channel: C024BE91L }], not nothing',
    ],
  },
  {
    mistake: "an empty file",
    right: base,
    written: "",
    says: [
      "c:1: the file is empty: it needs at least the key services; init writes a first one, and docs/configuration.md has an example",
    ],
  },
  {
    mistake: "a list in the place of the file",
    right: base,
    written: "- name: checkout\n",
    says: ["c:1: the file must hold keys such as services:, and not a list or a text"],
  },
  {
    mistake: "one value where a list belongs",
    right: '[service="checkout"]',
    written: 'service="checkout"',
    says: [
      'c:4: services.0.match: must be a list, such as match: [service="checkout"], not "service=\\"checkout\\""',
    ],
  },
  {
    mistake: "a map where a list belongs",
    right: "dependsOn: [fx-rates]",
    written: "flags: { new-rates: true }",
    says: ["c:13: services.0.flags: must be a list, such as flags: [checkout-*], not a map"],
  },
  {
    mistake: "a value where keys belong",
    right: "policy: { mode: approve, minConfidence: 0.5 }",
    written: "policy: approve",
    says: [
      'c:11: services.0.policy: must hold keys (mode, minConfidence, autoConfidence, lookAgain and others), not "approve"',
    ],
  },
  {
    mistake: "a branch that YAML reads as a number",
    right: "branch: main",
    written: "branch: 2024",
    says: ['c:6: services.0.branch: is read as a number, not as text: put it in quotes, branch: "2024"'],
  },
  {
    mistake: "a dash without its space",
    right: "  - name: fx-rates",
    written: "  -name: fx-rates",
    says: ["c:14: an entry of a list begins with a dash and a space: write - name: fx-rates"],
  },
  {
    mistake: "an entry without its dash",
    right: "  - name: fx-rates",
    written: "  name: fx-rates",
    says: [
      "c:14: this line stands in the column of a list's dashes: an entry of a list begins with a dash and a space, here - name: fx-rates",
    ],
  },
  {
    mistake: "a colon without its space",
    right: "branch: main",
    written: "branch:main",
    says: [
      "c:6: a key without its colon, or without the space after it: keys are written KEY: VALUE, here branch: main",
    ],
  },
  {
    mistake: "a value with a colon",
    right: "branch: main",
    written: "branch: feature: x",
    says: [
      'c:6: this line is not indented as the keys beside it, or a value with a colon is not in quotes: write branch: "feature: x"',
    ],
  },
  {
    mistake: "a tag of another program",
    right: "branch: main",
    written: "branch: !Ref Branch",
    says: [
      "c:6: a word that begins with ! is a tag of another program, which nobody resolves here: write the value itself, or put a text that begins with ! in quotes",
    ],
  },
  {
    mistake: "a space that is not one",
    right: "    branch: main",
    written: "    \u00a0branch: main",
    says: [
      "c:6: services.0.\u00a0branch: is not a setting: it has the character U+00A0, which may look like a space or a letter; type the key anew",
    ],
  },
  {
    mistake: "a file that is not text",
    right: base,
    written: "PK\u0003\u0004\u0000",
    says: ["c:1: is not a text file: give a file of YAML"],
  },
  {
    mistake: "a template",
    right: "branch: main",
    written: "branch: {{ .Values.branch }}",
    says: [
      "c:6: services.0.branch: must be text, such as branch: main, not a map: {{ … }} is not filled in here: write the value",
    ],
  },
  {
    mistake: "a variable of a shell",
    right: "channel: C024BE91L\n    approvers",
    written: `channel: ${"$"}{CHANNEL}\n    approvers`,
    says: [
      `c:9: services.0.channel: a Slack channel id such as C024BE91L, which stands at the end of the channel's details in Slack: names may change: ${"$"}{CHANNEL} is not filled in here: write the value`,
    ],
  },
  {
    mistake: "services by their names",
    right: base.slice(base.indexOf("services:")),
    written: "services:\n  checkout:\n    match: [a=b]\n",
    says: [
      'c:2: services: must be a list, such as services: [{ name: checkout, match: [service="checkout"], repository: acme/shop, environments: [production], channel: C024BE91L }], not a map: write “- name: checkout” in the place of “checkout:”',
    ],
  },
  {
    mistake: "a service at the top of the file",
    right: base,
    written: "name: checkout\nmatch: [a=b]\nrepository: acme/checkout\n",
    says: [
      "c:1: name: stands at the top of the file, and the keys of a service (name, match, repository) belong to an entry of services: write services: above them, “  - ” before the first, and four spaces before the others",
    ],
  },
  {
    mistake: "an anchor under a key of one's own",
    right: "services:\n",
    written: "common: &c { mode: observe }\nservices:\n",
    says: [
      "c:2: common: is not a setting: here stand baseUrl, people, visibleTo, admins, killSwitch, hold, drill, retention, limits, registries, senders, environments, include, defaults, services; a key of your own, for anchors, begins with x-, such as x-common",
    ],
  },
  {
    mistake: "a text where a map or a list belongs",
    right: "    branch: main",
    written: "    gitops: acme/config",
    says: [
      'c:6: services.0.gitops: must be a map with the keys repository, branch, paths or a list, not "acme/config"',
    ],
  },
  {
    mistake: "a truth of YAML 1.1",
    right: "mode: approve, minC",
    written: "mode: approve, fourEyes: yes, minC",
    says: ['c:11: services.0.policy.fourEyes: must be true or false, not "yes": write true'],
  },
  {
    mistake: "a number whose zeros count",
    right: "branch: main",
    written: "branch: 1.10",
    says: ['c:6: services.0.branch: is read as a number, not as text: put it in quotes, branch: "1.10"'],
  },
  {
    mistake: "an include that is not a path",
    right: "services:\n",
    written: "include: 5\nservices:\n",
    says: ["c:2: include: must be a path or a list of paths, such as include: services/*.yaml"],
  },
]);
