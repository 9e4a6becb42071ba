import { hash } from "node:crypto";
import type { Annotation, Annotations } from "../../ports/annotations.ts";
import { isRecord } from "../../records.ts";
import { sendJson, type Upstream } from "../http/send-json.ts";

/** Characters of a text; longer ones would cover the graph. */
const maxText = 500;
/** Half of what Grafana keeps of a tag, which it cuts at the first colon (grafana, pkg/services/tag). */
const maxTag = 50;

/** Grafana's annotations (https://grafana.com/docs/grafana/latest/developers/http_api/annotations/). Reads before it writes. */
export const grafanaAnnotations = (upstream: Upstream): Annotations => {
  const send = (method: string, path: string, body?: object) =>
    sendJson(upstream, { method, path: `/api/annotations${path}`, body });
  return {
    base: upstream.url,
    async put(annotation) {
      const key = keyTag(annotation);
      const wanted = bodyOf(annotation, key);
      const listed = await send("GET", `?limit=1&tags=${encodeURIComponent(key)}`);
      const [known] = Array.isArray(listed) ? listed.filter(isRecord) : [];
      if (known === undefined) {
        const { dashboard, panel } = annotation.on ?? {};
        const place = {
          ...(dashboard !== undefined && { dashboardUID: dashboard }),
          ...(panel !== undefined && { panelId: panel }),
        };
        await send("POST", "", { ...place, ...wanted });
        return;
      }
      if (!isSame(known, wanted)) await send("PATCH", `/${encodeURIComponent(String(known.id))}`, wanted);
    },
  };
};

/** The tag by which an annotation is found again: a name may be longer than a tag. */
const keyTag = ({ key }: Annotation): string => `countersteer-${hash("sha256", key).slice(0, 24)}`;

type Body = { time: number; timeEnd: number; text: string; tags: string[] };

const bodyOf = ({ at, until = at, text, url, tags }: Annotation, key: string): Body => ({
  ...{ time: at, timeEnd: until, tags: [...tags.map(tagOf), key] },
  text: `${encoded(text.slice(0, maxText).toWellFormed())}${url === undefined ? "" : ` <a href="${encoded(url)}">Incident</a>`}`,
});

const tagOf = (text: string): string => text.replaceAll(":", "-").slice(0, maxTag);

/** Grafana shows the text as HTML. */
const encoded = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);

/** Grafana leaves the end out of an annotation that is an instant, or tells its start. */
const isSame = (known: Record<string, unknown>, { time, timeEnd, text }: Body): boolean =>
  known.text === text && known.time === time && (known.timeEnd || known.time) === timeEnd;
