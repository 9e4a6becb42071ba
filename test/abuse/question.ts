import { doors } from "../support/doors.ts";
import { id, sha } from "../support/incident.ts";
import { burning, world } from "../support/world.ts";

/** The question that is asked about the first pull request of the world. */
export const question = { incident: id, round: 1, head: sha("d"), nonce: "nonce" };

/** Every door, before an incident whose question is in Slack. */
export const asked = async (made = world()) => {
  await made.alerts([burning]);
  await made.settle();
  return doors(made);
};
export type Asked = Awaited<ReturnType<typeof asked>>;

export const statusOf = async ({ made }: Pick<Asked, "made">): Promise<string> =>
  (await made.store.load(id)).incident.status;
