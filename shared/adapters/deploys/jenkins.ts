import { nullish, object, string } from "zod";
import type { Told } from "../../ports/deployers.ts";
import { malformed } from "../http/json.ts";
import { decoded } from "./decoded.ts";
import { atOf, environmentIn, has, milliseconds, shaOf, text, urlOf, values, valuesOf } from "./told.ts";

/** The body of the Notification plugin: jenkinsci/notification-plugin, model/JobState.java and its neighbours. */
const form = object({
  name: string(),
  url: text,
  build: object({
    full_url: text,
    timestamp: milliseconds,
    phase: string(),
    status: text,
    scm: nullish(object({ url: text, commit: text })),
    parameters: values,
  }),
});

/**
 * The deploy that the Notification plugin of Jenkins tells; undefined for a body of another form, empty for a phase that ends nothing. A
 * build is told as completed and as finalized: the latter counts. An unstable or aborted one may have deployed or not, so it says nothing.
 */
export const jenkins = (body: unknown): Told[] | undefined => {
  if (!has(body, "name", "build")) return undefined;
  const parsed = form.safeParse(body);
  if (!parsed.success) throw malformed("a notification of Jenkins", parsed.error);
  const { name, url, build } = parsed.data;
  const status = stateOf(build.phase, build.status);
  if (status === undefined) return [];
  const parameters = valuesOf(build.parameters);
  const environment = environmentIn(parameters);
  // A pipeline without a checkout is often given the commit under the name that Jenkins' Git plugin has for it.
  const sha = shaOf(build.scm?.commit ?? parameters.GIT_COMMIT);
  const repository = build.scm?.url;
  return [
    {
      ...{ tool: "jenkins", name: pathOf(url) ?? name, values: parameters, status },
      ...atOf(build.timestamp),
      ...(environment !== undefined && { environment }),
      commits: sha === undefined ? [] : [{ sha, ...(repository && { repository }) }],
      images: [],
      ...urlOf(build.full_url),
    },
  ];
};

const stateOf = (phase: string, status: string | null | undefined): Told["status"] | undefined => {
  if (phase === "STARTED") return "started";
  // Before version 1.6 of the plugin, the last phase was called so.
  if (phase !== "FINALIZED" && phase !== "FINISHED") return undefined;
  if (status === "SUCCESS") return "succeeded";
  return status === "FAILURE" ? "failed" : undefined;
};

/** `job/FOLDER/job/NAME/` → `FOLDER/NAME` */
const pathOf = (url: string | null | undefined): string | undefined => {
  const parts = [...(url ?? "").slice(0, 1000).matchAll(/(?:^|\/)job\/([^/]+)/g)].map(
    ([, part = ""]) => part,
  );
  return parts.length === 0 ? undefined : parts.map(decoded).join("/");
};
