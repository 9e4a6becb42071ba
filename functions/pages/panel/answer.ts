import { html } from "hono/html";
import type { In } from "../../../shared/incident/model.ts";
import type { Button } from "../../../shared/ports/chat.ts";
import { buttonsOf, rejection } from "../../../shared/text/question.ts";
import type { Markup } from "../page.ts";

type Questioned = In<"proposed" | "approved">;

/** The buttons of the question, for a person who may answer on the page. Each posts to this server, and the one that merges asks once more. */
export const answers = (incident: In<"proposed">): Markup => {
  const { approve, ruleOut, snooze, look, others } = buttonsOf(incident);
  const form = (does: string, button: Button | undefined, isFirst = false): Markup | "" =>
    button === undefined ? "" : one(incident, { does, button, isFirst });
  return html`<div class="answers">${form("approve", approve, true)}${form("rule-out", ruleOut)}${rejecting(incident)}${form("snooze", snooze)}${form("look", look)}${others.map(({ choice, ...button }) => form(`choose:${choice}`, button))}</div>`;
};

/** A no still counts until the merge. */
export const rejecting = (incident: Questioned): Markup => {
  const { title, text } = rejection(incident);
  const why = html`<label for="why">Why should this not be merged?</label><textarea id="why" name="why" rows="3" maxlength="1000" required></textarea>`;
  return dialog(incident, { does: "reject", text: "Reject", title, told: text, yes: "Reject", more: why });
};

const one = (
  incident: Questioned,
  { does, button, isFirst }: { does: string; button: Button; isFirst: boolean },
): Markup => {
  const { text, confirm } = button;
  if (confirm === undefined)
    return html`<form method="post" action="${addressOf(incident)}">${question(incident, does)}<button>${text}</button></form>`;
  const { title, text: told, yes } = confirm;
  return dialog(incident, { does, text, title, told, yes, isFirst });
};

type Dialog = {
  does: string;
  text: string;
  title: string;
  told: string;
  yes: string;
  isFirst?: boolean;
  more?: Markup;
};

/** A button, and the dialog that it opens without a script. */
const dialog = (incident: Questioned, { does, text, title, told, yes, isFirst, more }: Dialog): Markup => {
  const id = `answer-${does.replace(":", "-")}`;
  const go = isFirst ? "btn go" : "btn";
  return html`<button type="button" class="${go}" popovertarget="${id}">${text}</button><div class="dialog" id="${id}" popover role="dialog" aria-labelledby="${id}-title"><form method="post" action="${addressOf(incident)}"><h3 id="${id}-title">${title}</h3><p>${told}</p>${more ?? ""}${question(incident, does)}<p class="answers"><button class="${go}">${yes}</button><button type="button" popovertarget="${id}" popovertargetaction="hide">Back</button></p></form></div>`;
};

const addressOf = ({ id }: Questioned): string => `/incidents/${id}/answer`;

/** The question that the answer is about: an answer to another one counts for nothing. */
const question = ({ round, pull, terms }: Questioned, does: string): Markup =>
  html`<input type="hidden" name="does" value="${does}"><input type="hidden" name="round" value="${round}"><input type="hidden" name="head" value="${pull.head}"><input type="hidden" name="nonce" value="${terms?.nonce ?? ""}">`;
