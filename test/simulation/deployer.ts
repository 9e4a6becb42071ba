import type { FileChange } from "../../shared/git/model.ts";
import type { LiveDeploys, Told } from "../../shared/ports/deployers.ts";
import type { Redeploys } from "../../shared/ports/redeploys.ts";
import { report } from "./developers.ts";
import type { Door } from "./door.ts";
import type { Host } from "./embedded.ts";
import { nameOf, type Place } from "./production.ts";
import { minute, type Scene } from "./scene.ts";

/** A run of the workflow that deploys any commit. */
export type Run = {
  id: number;
  /** The random text of the redeploy that ordered it. */
  by: string;
  sha: string;
  place: Place;
  due: number;
  state: "running" | "succeeded" | "failed";
};

const workflowFile = {
  digest: "7".repeat(40),
  text: "on:\n  workflow_dispatch:\n    inputs:\n      sha: { required: true }\n      by: {}\n      place: {}\n      service: {}\n",
};
const told = ({ id, state }: Run) => ({
  ...{ id, state, detail: state, url: `http://github.test/acme/shop/actions/runs/${id}` },
});

/** GitHub's workflow runs for one process of the product. */
export const redeploysOf = (scene: Scene, { call }: Door): Redeploys => {
  const { runs, repository, ledger, schedule } = scene;
  const read = <T>(name: string, work: () => T): Promise<T> => call("github", name, work);
  return {
    workflow: () => read("read the workflow", () => workflowFile),
    startDeploy: (_, { tool, sha, id }) => {
      orderedWrongly(scene, id);
      return read("dispatch the workflow", () => {
        if (runs.some((run) => run.by === id)) ledger.violate("a redeploy is ordered once", id);
        const { service = "", place: environment = "" } = "inputs" in tool ? tool.inputs : {};
        const due = schedule.now() + scene.chanceFor(`run ${runs.length}`).between(20_000, 2 * minute);
        const run: Run = {
          ...{ id: runs.length + 1, by: id, sha, due },
          ...{ place: { service, environment }, state: "running" },
        };
        runs.push(run);
        ledger.seen.add("redeployed");
        ledger.note(
          `GitHub: run ${run.id} begins to deploy ${sha.slice(0, 12)} to ${service}/${environment}`,
        );
        return told(run);
      });
    },
    findDeploy: (_, { id }) =>
      read("list runs", () => {
        const run = runs.find(({ by }) => by === id);
        return run && told(run);
      }),
    readDeploy: (_, { id }) => read("read the run", () => told(must(runs, id))),
    changedFiles: (_, { from, to }) =>
      read("compare files", () => {
        const changes = repository.changed(repository.of(from).files, repository.of(to).files);
        return repository.listed(changes).map((one, index) => ({ ...one, patch: patchOf(changes[index]) }));
      }),
    deployTimes: () => read("list runs", () => []),
  };
};

/** Argo CD tells what runs in each place, and no time. */
export const argocdOf = ({ production }: Scene, { call }: Door): LiveDeploys => ({
  read: (name) =>
    call("argocd", "read the application", (): Told[] => {
      const place = production.places.find(
        ({ service, environment }) => `${service}-${environment}` === name,
      );
      const sha = place && production.live.get(nameOf(place));
      if (sha === undefined) return [];
      return [
        { ...{ tool: "argocd", name, values: {}, commits: [{ sha }], images: [] }, status: "succeeded" },
      ];
    }),
});

/** The lines that differ, in one hunk. */
const patchOf = ({ before = "", after = "" }: Pick<FileChange, "before" | "after"> = {}): string => {
  const [was, is] = [before.split("\n"), after.split("\n")];
  const removed = was.filter((line) => !is.includes(line)).map((line) => `-${line}`);
  const added = is.filter((line) => !was.includes(line)).map((line) => `+${line}`);
  return [`@@ -1,${removed.length} +1,${added.length} @@`, ...removed, ...added].join("\n");
};

const must = (runs: Run[], id: number): Run => {
  const run = runs.find((one) => one.id === id);
  if (run === undefined) throw new Error(`no run ${id}`);
  return run;
};

/** The redeploy is recorded before it is ordered, and only what is approved is put back. */
const orderedWrongly = ({ ledger, schedule }: Scene, id: string): void => {
  const of = [...ledger.incidents.values()].find((one) => "redeploy" in one && one.redeploy?.id === id);
  if (of?.status !== "approved") ledger.violate("only what is approved is put back", `${id}: ${of?.status}`);
  if (ledger.stopped.since !== undefined && schedule.now() - ledger.stopped.since > minute)
    ledger.violate("nothing is put back while it is stopped", id);
};

/** Carries the runs out: most deploy the commit and tell of it, some fail. */
export const deployer = (scene: Scene, host: Host): void => {
  const { schedule, production, happenings, ledger } = scene;
  const look = (): void => {
    for (const run of scene.runs) {
      if (run.state !== "running" || schedule.now() < run.due) continue;
      run.state = happenings.happens("run fails", 0.1) ? "failed" : "succeeded";
      if (run.state === "failed") continue;
      production.deploy(run.place, run.sha);
      ledger.note(`${run.sha.slice(0, 12)} is put back at ${run.place.service}_${run.place.environment}`);
      void report(scene, host, { place: run.place, sha: run.sha, at: schedule.now() });
    }
    schedule.after(5_000, look);
  };
  look();
};
