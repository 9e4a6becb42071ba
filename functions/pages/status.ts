import { html } from "hono/html";
import type { Incident } from "../../shared/incident/model.ts";
import type { Markup } from "./page.ts";

/** The state of an incident in one word. `waiting` and `escalated` ask for a person. */
export const statusWord = (incident: Incident): string => {
  if ("held" in incident && incident.held !== undefined) return "waiting";
  switch (incident.status) {
    case "none":
    case "opened":
    case "diagnosed":
      return "looking";
    case "proposed":
      return incident.asked ? "waiting" : "looking";
    case "referred":
      return "waiting";
    case "approved":
      return "merging";
    case "merged":
      return "deploying";
    case "deployed":
      return "verifying";
    case "closed":
      return incident.outcome.replace("recovered_by_people", "recovered");
    case "escalated":
      return "escalated";
  }
};

export const statusWords = [
  ...["looking", "waiting", "merging", "deploying", "verifying", "escalated"],
  ...["verified", "recovered", "rejected", "withdrawn", "observed", "abandoned"],
];

export const pill = (incident: Incident): Markup => {
  const word = statusWord(incident);
  return html`<span class="pill ${word}">${word}</span>`;
};
