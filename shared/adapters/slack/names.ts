import { UpstreamError } from "../../errors.ts";
import type { Message } from "../../incident/model.ts";
import { type Answer, call, type Slack } from "./api.ts";

/** People whose names are asked for; one call each. */
const mostPeople = 10;

/** Names by id, asked once for each. An id whose name Slack does not tell stays as it is. */
export const directory = (app: Slack): ((ids: string[]) => Promise<string[]>) => {
  const known = new Map<string, Promise<string | undefined>>();
  const nameOf = (id: string): Promise<string | undefined> => {
    const found = known.get(id) ?? readName(app, id);
    known.set(id, found);
    return found.catch((error: unknown) => {
      known.delete(id);
      return unlessFailed(error);
    });
  };
  return (ids) => Promise.all(ids.map(async (id, index) => (index < mostPeople && (await nameOf(id))) || id));
};

const unlessFailed = (error: unknown): undefined => {
  if (!(error instanceof UpstreamError)) throw error;
  return undefined;
};

const readName = async (app: Slack, id: string): Promise<string | undefined> => {
  if (id.startsWith("S")) {
    const { usergroups } = await call(app, "usergroups.list", { where: "of the workspace" });
    const groups = Array.isArray(usergroups) ? usergroups : [];
    const handle: unknown = groups.find((group) => group?.id === id)?.handle;
    return typeof handle === "string" ? `@${handle}` : undefined;
  }
  const { user } = await call(app, "users.info", { where: `of ${id}`, user: id });
  return named(user);
};

const named = (user: Answer["user"]): string | undefined => {
  const names = [user?.profile?.display_name, user?.real_name, user?.name];
  return names.find((name): name is string => typeof name === "string" && name !== "");
};

/** The address of a message, as Slack's own permalinks have it; undefined when the workspace cannot be read. */
export const permalink = async (app: Slack, { channel, ts }: Message): Promise<string | undefined> => {
  const self = await app.self().catch(unlessFailed);
  if (typeof self?.url !== "string") return undefined;
  return `${self.url.replace(/\/*$/, "/")}archives/${channel}/p${ts.replace(".", "")}`;
};
