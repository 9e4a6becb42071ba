import type { Markdown } from "../../shared/brands.ts";
import type { Configured } from "../../shared/config.ts";
import type { Event } from "../../shared/incident/events.ts";
import { partsOf, type Started } from "../../shared/incident/model.ts";
import { joined, link, markdown, wholeStory } from "../../shared/text/markdown.ts";
import { postmortem } from "../../shared/text/postmortem.ts";
import { pullName } from "../../shared/text/pull-name.ts";
import { headline } from "../../shared/text/timeline.ts";
import { similarIncidents } from "../similar.ts";
import type { Work } from "../step.ts";
import { isConfigured } from "../stop/hold.ts";
import { type Proposal, placeOf } from "./pull-repository.ts";

/** Writes the draft of the post-mortem of a verified round where the service's `postmortem` says: on its pull request, or as an issue. */
export const tellPostmortem = async (work: Work, incident: Started, log: Event[]): Promise<void> => {
  const { pull, remedy } = partsOf(incident);
  const isVerified = incident.status === "closed" && incident.outcome === "verified";
  if (!isVerified || pull === undefined || remedy === undefined) return;
  if (!isConfigured(work.serviceOf, incident.service)) return;
  const service = work.serviceOf(incident.service);
  const draft = {
    marker: `${incident.id}#${incident.round}:postmortem`,
    title: `Post-mortem: ${headline(incident)}`,
    since: incident.openedAt,
  };
  const written = async (isTold: (name: string) => boolean) =>
    postmortem(incident, log, await similarIncidents(work.store, incident, isTold));
  const { postmortem: wanted } = service;
  if (wanted === "comment")
    await work.pulls.writeDraft(placeOf(work, incident.service, { remedy, pull }), {
      ...{ ...draft, on: pull.number },
      text: () => written(isOfRepository(work, service)),
    });
  else if (wanted !== undefined)
    await work.pulls.writeDraft(
      { repository: wanted.issue },
      {
        ...draft,
        text: async () => withLinks(work, { incident, pull }, await written(isReadAlike(work, service))),
      },
    );
};

type Story = { incident: Started; pull: Proposal["pull"] };

const withLinks = ({ pageOf }: Pick<Work, "pageOf">, { incident, pull }: Story, text: Markdown): Markdown =>
  joined(
    [
      text,
      markdown`The pull request is ${link(pullName(pull), pull.url)}.${wholeStory(pageOf(incident.id))}`,
    ],
    "\n\n",
  );

/** Readers of a pull request see its repository, and learn of no other service. */
const isOfRepository =
  ({ servicesIn }: Pick<Work, "servicesIn">, { repository }: Configured) =>
  (name: string): boolean =>
    servicesIn(repository).some((one) => one.name === name);

/** An issue is for the readers of the service's incidents: it tells of services with the same readers. */
const isReadAlike =
  ({ configuration }: Pick<Work, "configuration">, { visibleTo }: Configured) =>
  (name: string): boolean =>
    configuration().services.some(
      (one) => one.name === name && JSON.stringify(one.visibleTo) === JSON.stringify(visibleTo),
    );
