import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { stringify } from "yaml";
import { deployerSettings } from "../../infra/host/adapters/deployers.ts";
import { clusterHere } from "../../infra/host/adapters/kubernetes.ts";

const folderOf = (t: TestContext): string => {
  const folder = mkdtempSync(join(tmpdir(), "clusters-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
};
const base64 = (text: string): string => Buffer.from(text).toString("base64");
const authority = "-----BEGIN CERTIFICATE-----\nA\n-----END CERTIFICATE-----\n";

type Over = { user?: object; cluster?: object; context?: object; current?: string };

/** The access that a kubeconfig gives, read from a file. */
const access = (folder: string, { user = {}, cluster = {}, context = {}, current = "prod" }: Over) => {
  const file = join(folder, "config");
  const given = {
    ...{ apiVersion: "v1", kind: "Config", "current-context": current },
    contexts: [{ name: "prod", context: { cluster: "c", user: "u", namespace: "shop", ...context } }],
    clusters: [{ name: "c", cluster: { server: "https://api.test:6443", ...cluster } }],
    users: [{ name: "u", user }],
  };
  writeFileSync(file, stringify(given));
  const { kubernetes } = deployerSettings({}, clusterHere({ KUBECONFIG: file }));
  const found = kubernetes?.();
  return found && { url: found.url, token: found.token(), ...found.trust };
};

test("a kubeconfig logs in by its token, by a file that is read anew, or by a certificate", (t) => {
  const folder = folderOf(t);
  const cluster = { "certificate-authority-data": base64(authority) };
  const known = { url: "https://api.test:6443", ca: authority };
  assert.deepEqual(access(folder, { user: { token: "reader" }, cluster }), { ...known, token: "reader" });
  writeFileSync(join(folder, "token"), "from a file\n");
  writeFileSync(join(folder, "ca.pem"), authority);
  assert.deepEqual(
    access(folder, {
      user: { tokenFile: join(folder, "token") },
      cluster: { "certificate-authority": "ca.pem" },
    }),
    { ...known, token: "from a file" },
  );
  const user = { "client-certificate-data": base64("cert"), "client-key-data": base64("key") };
  assert.deepEqual(access(folder, { user, cluster }), {
    ...known,
    ...{ token: undefined, cert: "cert", key: "key" },
  });
});

test("a kubeconfig that would run a program, skip the check or name nothing is refused in one sentence", (t) => {
  const folder = folderOf(t);
  const token = { token: "reader" };
  const refused: [Over, RegExp][] = [
    [
      { user: { exec: { command: "aws" } } },
      /^KUBECONFIG \S+: the user logs in by neither a token nor a client certificate: give KUBERNETES_URL and KUBERNETES_TOKEN, of a service account that may get deployments$/,
    ],
    [
      { user: token, cluster: { "insecure-skip-tls-verify": true } },
      /: it skips the check of the server's certificate: name its certificate-authority$/,
    ],
    [{ user: token, current: "other" }, /: its context other names no cluster or no user of the file$/],
    [{ user: token, context: { cluster: 1 } }, /: is not a kubeconfig with contexts/],
    [
      { user: token, cluster: { "certificate-authority": "gone.pem" } },
      /^KUBECONFIG names \S+gone\.pem cannot be read: there is no such file \(ENOENT\)$/,
    ],
  ];
  for (const [over, message] of refused)
    assert.throws(() => access(folder, over), { name: "ConfigurationError", message });
});

test("an address that is given comes before a kubeconfig, and a kubeconfig before the pod's cluster", () => {
  const pod = { KUBERNETES_SERVICE_HOST: "fd00::1", KUBERNETES_SERVICE_PORT: "6443" };
  const given = {
    ...{ KUBERNETES_URL: "https://api.test", KUBERNETES_TOKEN: "reader" },
    KUBERNETES_CA: base64(authority),
  };
  const addressed = deployerSettings(given, clusterHere({ KUBECONFIG: "/nowhere", ...pod })).kubernetes?.();
  assert.deepEqual(
    [addressed?.url, addressed?.token(), addressed?.trust],
    ["https://api.test", "reader", { ca: authority }],
  );
  assert.throws(
    clusterHere({ KUBECONFIG: "/nowhere", ...pod })!,
    /\/nowhere cannot be read: there is no such file \(ENOENT\)/,
  );
  assert.throws(
    clusterHere(pod)!,
    /the cluster's authority .*ca\.crt cannot be read: there is no such file \(ENOENT\)/,
  );
  assert.equal(clusterHere({}), undefined);
});
