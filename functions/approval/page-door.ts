import type { Context } from "hono";
import { coerce, lazy, object, enum as oneOf, string, union } from "zod";
import { readBody } from "../../shared/adapters/http/request-body.ts";
import type { IncidentId } from "../../shared/brands.ts";
import { BadRequest } from "../../shared/errors.ts";
import type { RefusalCode } from "../../shared/incident/approval/votes.ts";
import { slackByEmail } from "../../shared/policy/approval/person.ts";
import { visibleServices } from "../../shared/policy/visibility.ts";
import { span } from "../../shared/telemetry.ts";
import type { ReceiverContext } from "../http/context.ts";
import { addressOf, personOf } from "../login/access.ts";
import { checkOrigin } from "../login/address.ts";
import { type Decision, decided } from "./decision.ts";
import { relandedBy } from "./reland.ts";
import type { Somebody } from "./retry.ts";

const cap = 8 * 1024;
const maxReason = 1000;

const answered = lazy(() =>
  object({
    /** `choose:N` is the remedy at that index of the diagnosis. */
    does: union([
      oneOf(["approve", "reject", "rule-out", "snooze", "look", "reland"]),
      string().regex(/^choose:\d{1,3}$/),
    ]),
    round: coerce.number().int(),
    head: string().max(64),
    nonce: string().max(200),
    why: string().trim().max(maxReason).default(""),
  }),
);

/**
 * `POST /incidents/SERVICE/ENVIRONMENT/answer`: the answer of a person who is signed in to the pages, and whom `people` knows by that
 * e-mail address as a Slack user. It counts as a click in Slack does, and leads back to the page. `?answer=CODE` says why it did not count.
 */
export const pageDoor =
  (receiver: ReceiverContext) =>
  async (context: Context): Promise<Response> => {
    checkOrigin(context, addressOf(receiver), { cookies: true });
    const { service = "", environment, trouble } = context.req.param();
    const id = [service, environment, trouble].filter((part) => part !== undefined).join("/");
    const person = await personOf(receiver, context);
    // The page has a person sign in, and shows the question again.
    if (person === undefined) return context.redirect(`/incidents/${id}`, 303);
    if (!visibleServices(receiver.config, person)(service))
      return context.json({ error: `there was never an incident of ${id}` }, 404);
    const { does, round, head, nonce, why } = await formOf(context);
    const { people = {} } = receiver.config;
    const user = slackByEmail(people, person.email);
    if (user === undefined) return context.redirect(`/incidents/${id}?answer=not_approver`, 303);
    const userName = people[user]?.github;
    const named = userName === undefined ? {} : { userName };
    if (does === "reland") {
      const code = await relandOf(receiver, { id, round, person: { user, ...named } });
      return context.redirect(`/incidents/${id}${code === undefined ? "" : `?answer=${code}`}`, 303);
    }
    const answerer = { user, ...named, door: "page" } as const;
    const { code } = await span("answer on the page", {}, () =>
      decided(receiver, { incident: id, round, head, nonce }, answerer, decisionOf(does, why)),
    );
    return context.redirect(`/incidents/${id}${code === undefined ? "" : `?answer=${code}`}`, 303);
  };

type Asking = { id: IncidentId; round: number; person: Somebody };

/** The code of the refusal, if any. The page shows the draft that is there. */
const relandOf = async (
  receiver: ReceiverContext,
  { id, round, person }: Asking,
): Promise<RefusalCode | undefined> => {
  const seen = await receiver.store.load(id);
  if (seen.incident.round !== round) return "late";
  const done = await relandedBy(receiver, seen, person);
  return "refused" in done ? done.code : undefined;
};

const formOf = async (context: Context) => {
  const body = new TextDecoder().decode(await readBody(context.req.raw, cap));
  const parsed = answered.safeParse(Object.fromEntries(new URLSearchParams(body)));
  if (!parsed.success) throw new BadRequest(400, "the answer is not one of the page's");
  if (parsed.data.does === "reject" && parsed.data.why === "")
    throw new BadRequest(400, "say why it is rejected; nothing was changed");
  return parsed.data;
};

const decisionOf = (does: (typeof answered)["_output"]["does"], why: string): Decision => {
  switch (does) {
    case "approve":
      return { type: "Approve" };
    case "reject":
      return { type: "Reject", detail: why };
    case "rule-out":
      return { type: "RuleOut" };
    case "snooze":
      return { type: "Snooze" };
    case "look":
      return { type: "LookAgain" };
    default:
      return { type: "Choose", choice: Number(does.slice("choose:".length)) };
  }
};
