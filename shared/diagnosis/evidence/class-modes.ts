import type { ListedChange } from "../../git/model.ts";
import type { ChangeClass } from "../../policy/change-classes.ts";
import type { Commit } from "../../ports/history.ts";
import { classesOf } from "../../remedy/classes.ts";

/** The trouble that a class of change makes: routes fail requests, a runtime class keeps pods from starting. */
type ClassMode = { class: ChangeClass; symptom: RegExp; reason: string };

const modes: ClassMode[] = [
  {
    class: "traffic",
    symptom:
      /\b5(xx|0[0234])\b|error.?rat|errors.?(high|ratio|budget)|upstream|unhealthy|no healthy|no route|latency|slow requests|request_duration|requests? fail/i,
    reason: "changes how requests are routed, and requests fail or are slow",
  },
  {
    class: "policy",
    symptom:
      /admission webhook|denied (the request|by)|violat(es|ion)|\bforbidden\b|cannot (get|list|watch|create|patch)|rbac|connection (timed out|refused)|i\/o timeout|constraint template/i,
    reason: "changes a policy of the cluster, and the cluster denies something",
  },
  {
    class: "runtime",
    symptom:
      /FailedCreatePodSandBox|RunContainerError|CreateContainerError|OCI runtime|runtime ?class|no runtime for|\b(runsc|kata|gvisor|firecracker|wasmedge)\b/i,
    reason: "changes the container runtime, and containers do not start",
  },
  {
    class: "sandbox",
    symptom:
      /operation not permitted|\bEPERM\b|bad system call|SIGSYS|seccomp|apparmor|read-only file ?system|\bEROFS\b|must run as|runAsNonRoot/i,
    reason: "changes the sandbox of a process, and an operation is denied",
  },
  {
    class: "resources",
    symptom: /oom.?kill|out of memory|throttl|evict|insufficient (cpu|memory)|exceeded quota/i,
    reason: "changes memory or CPU settings, and memory or CPU runs short",
  },
  {
    class: "node",
    symptom:
      /node.?not.?ready|\bNotReady\b|kubelet|DiskPressure|MemoryPressure|device plugin|nodes? (is|are) (down|unreachable)|node(group|pool)|nvidia|kernel/i,
    reason: "changes nodes, and nodes are in trouble",
  },
  {
    class: "scale",
    symptom:
      /maxed ?out|\bhpa\b|horizontal ?pod|replicas? (mismatch|unavailable|missing)|saturat|too few|queue.{0,20}(grow|long|depth|lag)|backlog/i,
    reason: "changes the number of pods or machines, and capacity runs short",
  },
  {
    class: "migration",
    symptom:
      /column .{0,60}does not exist|unknown column|no such (table|column)|relation .{0,80}does not exist|violates .{0,30}constraint|undefined ?(table|column)/i,
    reason: "changes the schema of the database, and a table or column is missing",
  },
  {
    class: "dependency",
    symptom:
      /cannot find (module|package)|module not found|ModuleNotFoundError|ImportError|NoSuchMethodError|ClassNotFoundException|NoClassDefFoundError|undefined symbol|is not a function|incompatible (version|library)/i,
    reason: "changes the version of a library, and a library's code fails",
  },
];

/** The modes of the classes that make trouble like this, each as a test of a change. */
export const classModes = (symptom: string) =>
  modes
    .filter((mode) => mode.symptom.test(symptom))
    .map(({ class: one, reason }) => ({
      reason,
      change: (commit: Commit): boolean => classesOfCommit(commit).includes(one),
    }));

/** The learned classes of a commit are asked for by several modes. */
const known = new WeakMap<Commit, ChangeClass[]>();
const classesOfCommit = (commit: Commit): ChangeClass[] => {
  const before = known.get(commit);
  if (before !== undefined) return before;
  const classes = classesOf(commit.files ?? filesIn(commit));
  known.set(commit, classes);
  return classes;
};

type File = Pick<ListedChange, "path" | "patch">;

/** The files of a patch that heads each by `--- PATH`; without headings, all of it belongs to the only file. */
const filesIn = ({ paths, patch = "" }: Commit): File[] => {
  const parts = patch.split(/^--- (?=\S)/m);
  const [first = "", ...headed] = parts;
  const found = headed.map((part): File => {
    const end = part.indexOf("\n");
    return end < 0 ? { path: part } : { path: part.slice(0, end), patch: part.slice(end + 1) };
  });
  const [only, ...others] = paths;
  return headed.length === 0 && only !== undefined && others.length === 0
    ? [{ path: only, patch: first }]
    : found;
};
