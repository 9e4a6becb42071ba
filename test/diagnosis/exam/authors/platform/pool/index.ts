import type { Change } from "../change.ts";
import type { Random } from "../random.ts";
import type { Language, Service } from "../services.ts";
import { dotnet } from "./dotnet.ts";
import { platform, serviceConfig } from "./gitops.ts";
import { php } from "./php.ts";
import { ruby } from "./ruby.ts";
import { rust } from "./rust.ts";

type Make = (r: Random, service: Service) => Change;

const code: Record<Language, readonly Make[]> = { dotnet, rust, ruby, php, platform };

/** A change of the service that harms nothing. */
export const harmless = (r: Random, service: Service): Change => {
  const list: readonly Make[] =
    r.chance(0.3) && service.language !== "platform" ? serviceConfig : code[service.language];
  return r.pick(list)(r, service);
};

const changelog = (r: Random, { source }: Service): [string, string] => [
  `${source}/CHANGELOG.md`,
  `
 ## Unreleased
 
+- ${r.pick(["Follow the platform guide", "See the pull request", "Internal", "Agreed with the service owner"])}.
 - Earlier entries are in the archive.`,
];

const fixture = (r: Random, { source, nouns }: Service): [string, string] => {
  const noun = r.pick(nouns).toLowerCase();
  return [
    `${source}/test/fixtures/${noun}-${r.int(10, 99)}.json`,
    `
 {
   "id": "${r.hex(8)}",
-  "amount": ${r.int(100, 9999)},
-  "state": "new"
+  "amount": ${r.int(100, 9999)},
+  "state": "${r.pick(["open", "held", "done"])}",
+  "channel": "${r.pick(["branch", "app", "partner"])}"
 }`,
  ];
};

const guide = (r: Random, { name }: Service): [string, string] => [
  `docs/${name}/changes-${r.int(2, 12)}.md`,
  `
 # Changes of ${name}
 
+## ${r.pick(["Week", "Sprint"])} ${r.int(2, 50)}
+
+${r.pick(["Reviewed with the owners.", "Nothing to do for other teams.", "Rolled out as usual."])}
+
 Ask in the team's channel before you edit this page.`,
];

/** Adds files that any change may carry, so that size tells nothing. */
export const withCompanions = (r: Random, service: Service, change: Change): Change => {
  const wanted = r.pick([0, 0, 0, 1, 1, 2, 3]);
  const files = { ...change.files };
  for (const make of r.shuffle([changelog, fixture, fixture, guide]).slice(0, wanted)) {
    const [path, text] = make(r, service);
    files[path] ??= text;
  }
  return { ...change, files };
};
