/** The most that a function may weigh: bytes of its bundle, and the CPU time of its start in times of an empty handler. */
export type Budget = { bytes: number; times: number };

const receivers: readonly string[] = ["alerts", "answers", "deploys", "flags", "github", "pages"];

/** Diagnosing reads labels by the expressions of RE2 (156 KB), YAML, the workflow of a redeploy and traces (8 KB); proposing edits YAML, knows charts and classes of change, and reads large repositories; two receivers speak to GitHub, and the pages to an issuer of OpenID Connect (29 KB); alerts also come by SNS. */
const bytesOf: Record<string, number> = {
  ...{ diagnose: 1_185_000, propose: 1_000_000 },
  ...{ alerts: 520_000, answers: 720_000, github: 600_000, pages: 520_000 },
};

export const budgetOf = (name: string): Budget => {
  const isReceiver = receivers.includes(name);
  return { bytes: bytesOf[name] ?? (isReceiver ? 500_000 : 900_000), times: isReceiver ? 5 : 7 };
};
