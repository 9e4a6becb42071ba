import { approved, asked, diagnosed, opened, proposed } from "../support/incident.ts";

export const untilProposed = [opened(), diagnosed(), proposed(), asked()];

export const untilApproved = [...untilProposed, approved()];
