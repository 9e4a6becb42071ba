import { object, string } from "zod";
import type { Told } from "../../ports/deployers.ts";
import { recordOf } from "../../records.ts";
import { malformed } from "../http/json.ts";
import { holds } from "./cloudevents.ts";
import { decoded } from "./decoded.ts";
import { atOf, shaOf, text } from "./told.ts";

/** A whole event of CDEvents, any minor version: https://cdevents.dev/docs/continuous-deployment/ */
const form = object({
  context: object({ id: string(), source: string().min(1), type: string(), timestamp: text }),
  subject: object({
    id: string(),
    content: object({ environment: object({ id: string() }), artifactId: string() }),
  }),
});
const typed = /^dev\.cdevents\.service\.(deployed|upgraded|rolledback)\.\d+\.\d+\.\d+/;

/**
 * The deploy that CDEvents' `service.deployed`, `upgraded` or `rolledback` tells; undefined for a body of another form, empty for another
 * event. Throws BadRequest for a broken one.
 */
export const cdevents = (data: unknown): Told[] | undefined => {
  if (!holds(data, "context") || !holds(data, "subject")) return undefined;
  const { type } = recordOf(data.context);
  if (typeof type !== "string" || !type.startsWith("dev.cdevents.")) return undefined;
  if (!typed.test(type)) return [];
  const parsed = form.safeParse(data);
  if (!parsed.success) throw malformed("an event of CDEvents", parsed.error);
  const { context, subject } = parsed.data;
  const { artifactId } = subject.content;
  const image = imageOf(artifactId);
  const at = Date.parse(context.timestamp ?? "");
  return [
    {
      ...{ tool: "cdevents", name: subject.content.environment.id, values: { subject: subject.id } },
      ...{ commits: commitsOf(artifactId), images: image === undefined ? [] : [image], status: "succeeded" },
      ...atOf(Number.isNaN(at) ? undefined : at),
    },
  ];
};

/** `pkg:oci/NAME@DIGEST?repository_url=HOST/PATH`: https://github.com/package-url/purl-spec, type oci */
const imageOf = (artifactId: string): string | undefined => {
  const [, name, digest, query = ""] =
    /^pkg:(?:oci|docker)\/([^@?#]{1,250})@([^?#]{1,200})(?:\?([^#]{0,1000}))?/.exec(artifactId) ?? [];
  if (name === undefined || digest === undefined) return undefined;
  const place = new URLSearchParams(query).get("repository_url") ?? decoded(name);
  const version = decoded(digest);
  return `${place}${version.includes(":") ? "@" : ":"}${version}`;
};

/** The commit of `pkg:github/OWNER/NAME@SHA`, and of the qualifier `vcs_url=git+https://HOST/OWNER/NAME@SHA` of any package. */
const commitsOf = (artifactId: string): Told["commits"] => {
  const [path = "", query = ""] = artifactId.slice(0, 2000).split("#")[0]?.split("?") ?? [];
  const place = /^pkg:github\/([^/@]+\/[^/@]+)@/.exec(path)?.[1];
  const [, repository, sha] =
    place === undefined
      ? (/^(?:git\+)?(.+)@([0-9a-f]{40})$/.exec(new URLSearchParams(query).get("vcs_url") ?? "") ?? [])
      : [path, `https://github.com/${place}`, shaOf(decoded(path))];
  return sha === undefined || repository === undefined ? [] : [{ sha, repository }];
};
