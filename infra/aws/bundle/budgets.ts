/** The most that a function may weigh: bytes of its bundle without the libraries that are loaded late, and the CPU time of its start in times of an empty handler. */
export type Budget = { bytes: number; times: number };

const receivers: readonly string[] = ["alerts", "answers", "deploys", "flags", "github", "pages"];

/** The functions that may weigh more than the others of their kind, and for what. */
const bytesOf: Record<string, number> = {
  // The workflow of a redeploy, traces (8 KB), CloudWatch Logs (3 KB), missing names (4 KB), Grafana's own rules, known bad versions (1 KB), ECR (2 KB), drafts of post-mortems as issues (1 KB), second opinions (9 KB), golden signals by conventions (14 KB).
  diagnose: 908_000,
  // Charts, node groups, classes of change, large repositories, drafts of re-lands, values of an environment's own (5 KB), drafts of post-mortems as issues (1 KB), maps of Flux, unions and stacks (6 KB), the drawing of the alert's course (28 KB), generated values and more versions (5 KB).
  propose: 894_000,
  // Images of private registries.
  deploys: 434_000,
  // Alerts also come by SNS and from CloudWatch.
  alerts: 340_000,
  // The clients of GitHub, for people alone, and of Slack. People whom a load balancer signs in (4 KB), and their names in texts (1 KB).
  answers: 560_000,
  github: 515_000,
  // An issuer of OpenID Connect (29 KB), people whom a load balancer signs in (3 KB), the report, and drafts of post-mortems (20 KB together).
  pages: 539_000,
};

export const budgetOf = (name: string): Budget => {
  const isReceiver = receivers.includes(name);
  return { bytes: bytesOf[name] ?? (isReceiver ? 430_000 : 750_000), times: isReceiver ? 5 : 7 };
};
