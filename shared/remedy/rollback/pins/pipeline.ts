import { isScalar } from "yaml";
import type { Doc } from "../../../yaml/manifests.ts";
import { mapAt, mapsAt, mapsBelow, scalarAt, textAt } from "../../../yaml/nodes.ts";
import { imagePin, type Pin, pin } from "./pin.ts";

/** Files of pipelines and of the tools around a repository. The versions in them run while it is built, and are never deployed. */
export const isPipeline = (path: string): boolean =>
  /(^|\/)\.(github|gitlab|forgejo|gitea|circleci|buildkite|tekton|woodpecker)\/|(^|\/)(\.gitlab-ci|\.drone|\.pre-commit-config|\.woodpecker|azure-pipelines|bitbucket-pipelines)[\w.-]*\.ya?ml$/.test(
    path,
  );

/** `uses: owner/action@v4`; a comment behind it that names the version belongs to it, as bots write it. */
const uses = /^(\s*-?\s*uses:\s*["']?([^\s"'@#]+)@)([\w./-]+)(["']?(?:\s+#.*)?)\s*$/;

/** The actions on the lines of a workflow. */
export const actionPins = (path: string, text: string): Pin[] => {
  if (!isPipeline(path)) return [];
  let offset = 0;
  return text.split("\n").flatMap((line) => {
    const start = offset;
    offset += line.length + 1;
    const [, before = "", name = "", value = "", rest = ""] =
      (line.length < maxLine && uses.exec(line)) || [];
    if (value === "") return [];
    const from = start + before.length;
    const found: Pin = {
      ...{ form: "pipeline", field: "revision", name, value, aside: true },
      key: ["uses", name].join("\0"),
      range: [from, from + value.length + rest.length],
    };
    return [found];
  });
};
const maxLine = 2000;

/** The version that a step gives to its action, and the hooks of pre-commit. */
export const pipeline = (doc: Doc): Pin[] => {
  if (!isPipeline(doc.path)) return [];
  const hooks = mapsAt(doc.root, "repos").flatMap((one) => revision(doc, one));
  const steps = [...mapsBelow(doc.root)].flatMap(({ map, trail }) => {
    const name = textAt(map, "uses")?.replace(/@.*$/, "");
    const given = mapAt(map, "with");
    if (name === undefined || given === undefined) return [];
    const what = { form: "pipeline" as const, field: "version" as const, name, trail: [...trail, "with"] };
    const images = given.items.flatMap(({ key }) => {
      const called = isScalar(key) && /image$/i.test(String(key.value)) ? String(key.value) : "";
      return imagePin(doc, scalarAt(given, called), { form: "pipeline", trail: [...what.trail, called] });
    });
    return [...pin(doc, scalarAt(given, "version"), what), ...images];
  });
  return [...hooks, ...steps].map((one): Pin => ({ ...one, aside: true }));
};

/** The collections and roles that Ansible installs. */
export const galaxy = (doc: Doc): Pin[] =>
  /^requirements\.ya?ml$/.test(doc.base) && doc.kind === ""
    ? ["collections", "roles"].flatMap((list) =>
        mapsAt(doc.root, list).flatMap((one) =>
          pin(doc, scalarAt(one, "version"), {
            ...{ form: "pipeline", field: "version", trail: [list] },
            name: textAt(one, "name") ?? textAt(one, "src"),
          }).map((found): Pin => ({ ...found, aside: true })),
        ),
      )
    : [];

const revision = (doc: Doc, hook: Parameters<typeof textAt>[0]): Pin[] => {
  const name = textAt(hook, "repo");
  const what = { form: "pipeline" as const, field: "revision" as const, name, trail: ["repos"] };
  return name === undefined ? [] : pin(doc, scalarAt(hook, "rev"), what);
};
