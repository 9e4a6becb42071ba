import type { Interaction } from "../../shared/adapters/slack/interaction.ts";
import { messageOf } from "../../shared/errors.ts";
import { drillOf } from "../../shared/policy/drill.ts";
import type { ReceiverContext } from "../http/context.ts";
import { changeDrill } from "./record.ts";

/** The drill that a click is about; undefined for an incident. */
export const drillIn = (interaction: Interaction): string | undefined =>
  "incident" in interaction ? drillOf(interaction.incident) : undefined;

type Clicked = Extract<Interaction, { incident: string }>;

/** Notes the first answer to a drill's question. It decides nothing; the person is told so privately. */
export const noteAnswer = async (
  { store, clock, chat, log }: Pick<ReceiverContext, "store" | "clock" | "chat" | "log">,
  id: string,
  { kind, user, channel }: Clicked,
): Promise<void> => {
  const answer = { at: clock(), by: user, does: kind };
  const known = await changeDrill(store, id, (drill) =>
    drill === undefined || drill.answer !== undefined ? drill : { ...drill, answer },
  );
  const text =
    known === undefined
      ? "this drill is over, or was never begun here"
      : "this is a drill: your answer is noted, and nothing is merged";
  await chat
    .whisper(channel, user, text)
    .catch((error: unknown) => log.warn("a private reply failed", { error: messageOf(error) }));
};
