import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

const cli = join(import.meta.dirname, "../cli/cli.ts");
const token = "of-the-pictures";
const configuration = `services:
  - name: payment-gateway
    match: ['service="payment-gateway"']
    repository: acme/payment-gateway
    environments: [production, staging]
    channel: C0PAYMENTS
  - name: cart
    match: ['service="cart"']
    repository: acme/cart
    environments: [production]
    channel: C0PAYMENTS
`;

const alert = (labels: Record<string, string>) => ({
  version: "4",
  groupKey: JSON.stringify(labels),
  receiver: "countersteer",
  status: "firing",
  externalURL: "http://alertmanager.test",
  ...{ groupLabels: {}, commonLabels: {}, commonAnnotations: {}, truncatedAlerts: 0 },
  alerts: [
    {
      ...{ status: "firing", labels, annotations: {}, generatorURL: "", fingerprint: "a1b2c3d4e5f60718" },
      ...{ startsAt: new Date().toISOString(), endsAt: "0001-01-01T00:00:00Z" },
    },
  ],
});
const deploy = (service: string, environment: string) => ({ service, environment, sha: "a".repeat(40) });

/** Reports of senders whose set-up has a mistake: a name that is nearly a service's, an environment that is missing, a call without a token. */
const reports: [path: string, body: object, sent?: string][] = [
  [
    "/webhooks/alertmanager",
    alert({ alertname: "CartLatencyHigh", service: "carts", environment: "production" }),
    token,
  ],
  ["/webhooks/alertmanager", alert({ alertname: "PaymentErrorsHigh", service: "payment-gateway" }), token],
  [
    "/webhooks/alertmanager",
    alert({ alertname: "KubeNodeNotReady", node: "node-7", severity: "critical" }),
    token,
  ],
  ["/webhooks/deploys", deploy("paymentgateway", "production"), token],
  ["/webhooks/deploys", deploy("payment-gateway", "prod"), token],
  ["/webhooks/deploys", {}],
  ["/webhooks/alerts", {}],
];

/** A server of its own with what it left alone. */
export const startLeftAlone = async (): Promise<{ url: string; stop: () => Promise<void> }> => {
  const dir = await mkdtemp(join(tmpdir(), "countersteer-pictures-"));
  const file = join(dir, "countersteer.yaml");
  await writeFile(file, configuration);
  const port = await freePort();
  const child = spawn(process.execPath, [cli, "start"], {
    stdio: "ignore",
    env: {
      ...{ PATH: process.env.PATH ?? "", PORT: String(port), HOST: "127.0.0.1", COUNTERSTEER_CONFIG: file },
      ...{ DATA_DIR: join(dir, "data"), ALERTMANAGER_TOKEN: token, DEPLOYS_TOKEN: token },
    },
  });
  const url = `http://127.0.0.1:${port}`;
  await ready(url, child);
  for (const [path, body, sent] of reports)
    await fetch(url + path, {
      method: "POST",
      headers: sent === undefined ? {} : { authorization: `Bearer ${sent}` },
      body: JSON.stringify(body),
    });
  return { url, stop: () => end(child, dir) };
};

const end = async (child: ChildProcess, dir: string): Promise<void> => {
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  await ended;
  await rm(dir, { recursive: true, force: true });
};

const ready = async (url: string, child: ChildProcess): Promise<void> => {
  for (let tries = 0; tries < 200; tries++) {
    if (child.exitCode !== null) break;
    if (
      await fetch(`${url}/readyz`)
        .then((answer) => answer.ok)
        .catch(() => false)
    )
      return;
    await delay(100);
  }
  throw new Error("the server of what was left alone does not start");
};

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer();
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
