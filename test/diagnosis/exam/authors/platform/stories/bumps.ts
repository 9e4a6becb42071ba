import { story } from "../assemble.ts";
import { calm, fixed, step } from "../signals.ts";

const baseImage = story({
  name: "base image whose TLS library refuses an old peer",
  vars: (r) => ({
    name: r.pick(["payments-hub", "statement-worker"]),
    peer: r.pick(["mainframe-gw.core.bank.example", "clearing-legacy.core.bank.example"]),
    digest: r.hex(20),
  }),
  service: (v) => v.name,
  via: (v) => v.name,
  others: () => ["ledger-api", "kyc-forms"],
  dependsOn: () => ["core-gateway"],
  symptom: (v) => `HighErrorRate: ${v.name} calls to the core gateway fail, 100 % of attempts`,
  lag: [0, 4],
  alert: [2, 9],
  mayLack: ["symptom", "series"],
  culprit: (v, r) => ({
    title: `chore(deps): update runtime images (${v.name})`,
    bot: true,
    files: {
      [`services/${v.name}/Dockerfile`]: `
-FROM registry.bank.example/base/sdk:8.0-bullseye AS build
+FROM registry.bank.example/base/sdk:8.0-bookworm AS build
 WORKDIR /src
 COPY . .
 RUN dotnet publish -c Release -o /out
-FROM registry.bank.example/base/aspnet:8.0-bullseye@sha256:${r.hex(20)}
+FROM registry.bank.example/base/aspnet:8.0-bookworm@sha256:${v.digest}
 WORKDIR /app
 COPY --from=build /out .
-USER 1000
+USER app`,
    },
  }),
  decoys: (v) => [
    {
      service: v.name,
      change: {
        title: `Name the attempt in errors of calls to the core gateway`,
        files: {
          [`services/${v.name}/src/Core/GatewayClient.cs`]: `
@@ public async Task<Answer> CallAsync(Frame frame, CancellationToken ct)
         for (var attempt = 1; ; attempt++)
         {
             try { return await SendAsync(frame, ct); }
             catch (IOException problem) when (attempt < Attempts)
             {
-                _logger.LogWarning(problem, "gateway call failed");
+                _logger.LogWarning(
+                    problem,
+                    "gateway call failed, attempt {Attempt} of {Attempts}",
+                    attempt,
+                    Attempts);
             }
         }`,
        },
      },
    },
    {
      service: "kyc-forms",
      change: {
        title: "kyc-forms: PHP base image 8.3.9",
        bot: true,
        files: {
          "services/kyc-forms/Dockerfile": `
-FROM registry.bank.example/base/php-fpm:8.3.8
+FROM registry.bank.example/base/php-fpm:8.3.9
 COPY . /app
 RUN composer install --no-dev
-LABEL base=8.3.8
+LABEL base=8.3.9
+LABEL updated-by=renovate`,
        },
      },
    },
  ],
  guilty: (s, v) => {
    s.metric(
      v.name,
      `gateway_calls_failed_per_second{version="${s.version}"}`,
      { level: 0.01, noise: 0.5 },
      (value, at) => (at < s.live ? Number.NaN : value + 11),
    );
    s.metric(
      v.name,
      `gateway_calls_failed_per_second{version="${s.previous}"}`,
      { level: 0.02, noise: 0.5 },
      (value, at) => (at > s.live + 90_000 ? Number.NaN : value),
    );
    s.metric("ledger-api", "gateway_calls_failed_per_second", { level: 0.02, noise: 0.5 }, calm);
    s.burst(
      v.name,
      "error",
      11,
      () =>
        `gateway call to ${v.peer}:8443 failed: AuthenticationException: Authentication failed, see inner exception (attempt ${s.r.int(1, 3)})`,
      () =>
        "System.Security.Authentication.AuthenticationException\n ---> Interop+OpenSsl+SslException: SSL Handshake failed with OpenSSL error - SSL_ERROR_SSL.\n ---> error:0A00018A:SSL routines::dh key too small\nat System.Net.Security.SslStream.ForceAuthenticationAsync",
    );
    s.burst(
      "ledger-api",
      "info",
      4,
      () => `gateway call to ${v.peer}:8443 answered in ${s.r.int(14, 60)} ms`,
    );
  },
  twin: (s, v) => {
    s.metric(
      v.name,
      `gateway_calls_failed_per_second{version="${s.version}"}`,
      { level: 0.01, noise: 0.5 },
      (value, at) => (at < s.live ? Number.NaN : at < s.onset ? value : value + 11),
    );
    s.metric(
      v.name,
      `gateway_calls_failed_per_second{version="${s.previous}"}`,
      { level: 0.02, noise: 0.5 },
      (value, at) => (at > s.live + 90_000 ? Number.NaN : at < s.onset ? value : value + 9),
    );
    s.metric("ledger-api", "gateway_calls_failed_per_second", { level: 0.02, noise: 0.5 }, step(s.onset, 6));
    s.burst(
      v.name,
      "error",
      10,
      () =>
        `gateway call to ${v.peer}:8443 failed: Connection refused (10.20.4.9:8443) (attempt ${s.r.int(1, 3)})`,
      () =>
        "System.Net.Sockets.SocketException (111): Connection refused\nat System.Net.Sockets.Socket.ConnectAsync\nat Core.GatewayClient.SendAsync in GatewayClient.cs:line 63",
    );
    s.burst(
      "ledger-api",
      "error",
      5,
      () => `gateway call to ${v.peer}:8443 failed: Connection refused (10.20.4.9:8443)`,
    );
    s.log(
      s.onset + 70_000,
      "core-gateway",
      "error",
      "region CICSPRD3 ended abnormally, listener 8443 is down, operators restart it",
    );
  },
});

const rootStore = story({
  name: "crate bump that brings its own root certificates",
  vars: (r) => ({
    name: r.pick(["card-auth", "usage-meter"]),
    peer: r.pick(["fraud-score", "ledger-api"]),
    minor: r.int(0, 8),
  }),
  service: (v) => v.name,
  via: (v) => v.name,
  others: (v) => [v.peer, "payments-hub"],
  dependsOn: (v) => [v.peer],
  symptom: (v) => `HighErrorRate: ${v.name} cannot reach ${v.peer}, TLS certificate errors`,
  lag: [0, 3],
  alert: [2, 8],
  mayLack: ["symptom", "series", "deploys"],
  culprit: (v, r) => ({
    title: `Bump reqwest from 0.11.27 to 0.12.${v.minor} in /services/${v.name}`,
    bot: true,
    author: "dependabot[bot]",
    files: {
      [`services/${v.name}/Cargo.toml`]: `
@@ [dependencies]
-reqwest = { version = "0.11", features = ["json", "native-tls"] }
+reqwest = { version = "0.12", default-features = false, features = ["json", "rustls-tls", "http2"] }
 tokio = { version = "1.38", features = ["full"] }`,
      [`services/${v.name}/Cargo.lock`]: `
@@ [[package]]
 name = "reqwest"
-version = "0.11.27"
+version = "0.12.${v.minor}"
-checksum = "${r.hex(40)}"
+checksum = "${r.hex(40)}"
 dependencies = [
- "native-tls",
- "tokio-native-tls",
+ "rustls",
+ "tokio-rustls",
+ "webpki-roots",
 ]`,
    },
  }),
  decoys: (v) => [
    {
      service: v.name,
      change: {
        title: `Tell certificate errors of ${v.peer} from other errors`,
        files: {
          [`services/${v.name}/src/peer.rs`]: `
@@ fn classify(error: &reqwest::Error) -> PeerError {
     if error.is_timeout() {
         return PeerError::Timeout;
     }
+    if error.to_string().contains("certificate") {
+        return PeerError::Certificate;
+    }
+    // Everything else counts as unreachable, as before.
     PeerError::Unreachable
 }`,
        },
      },
    },
    {
      service: v.peer,
      change: {
        title: `Ask for the TLS certificate of ${v.peer} two weeks earlier`,
        files: {
          [`gitops/apps/${v.peer}/templates/certificate.yaml`]: `
@@ spec:
   secretName: ${v.peer}-tls
   duration: 2160h
-  renewBefore: 168h
+  renewBefore: 504h
+  privateKey:
+    rotationPolicy: Always
+    algorithm: ECDSA
   issuerRef:
     name: internal-ca`,
        },
      },
    },
  ],
  guilty: (s, v) => {
    s.metric(
      v.name,
      `peer_errors_per_second{peer="${v.peer}",version="${s.version}"}`,
      { level: 0.01, noise: 0.5 },
      (value, at) => (at < s.live ? Number.NaN : value + 24),
    );
    s.metric("payments-hub", `peer_errors_per_second{peer="${v.peer}"}`, { level: 0.02, noise: 0.5 }, calm);
    s.metric(v.peer, "tls_handshake_failures_per_second", { level: 0.02, noise: 0.5 }, step(s.onset, 23));
    s.metric(v.peer, "tls_certificate_days_left", fixed(61), calm);
    s.burst(
      v.name,
      "error",
      12,
      () =>
        `call to https://${v.peer}.core.svc:8443 failed: error sending request: invalid peer certificate: UnknownIssuer`,
      () =>
        "hyper_util::client::legacy::connect::ConnectError\nrustls-0.23.10/src/webpki/verify.rs:228\nrustls-0.23.10/src/client/hs.rs:512",
    );
    s.burst(
      "payments-hub",
      "info",
      3,
      () => `GET https://${v.peer}.core.svc:8443/health 200 issuer="Bank Internal CA 3"`,
    );
  },
  twin: (s, v) => {
    s.metric(
      v.name,
      `peer_errors_per_second{peer="${v.peer}",version="${s.version}"}`,
      { level: 0.01, noise: 0.5 },
      (value, at) => (at < s.live ? Number.NaN : at < s.onset ? value : value + 24),
    );
    s.metric(
      "payments-hub",
      `peer_errors_per_second{peer="${v.peer}"}`,
      { level: 0.02, noise: 0.5 },
      step(s.onset, 13),
    );
    s.metric(v.peer, "tls_handshake_failures_per_second", { level: 0.02, noise: 0.5 }, step(s.onset, 38));
    s.metric(v.peer, "tls_certificate_days_left", fixed(61), calm);
    s.burst(
      v.name,
      "error",
      9,
      () =>
        `call to https://${v.peer}.core.svc:8443 failed: certificate verify failed: certificate has expired (intermediate "Bank Internal CA 3 Issuing B", depth 1)`,
      () =>
        "hyper::client::connect::ConnectError\nopenssl::ssl::error::Error\nnative-tls-0.2.12/src/imp/openssl.rs:40",
    );
    s.burst(
      "payments-hub",
      "error",
      5,
      () =>
        `call to https://${v.peer}.core.svc:8443 failed: RemoteCertificateChainErrors: NotTimeValid, element 1 "Bank Internal CA 3 Issuing B"`,
    );
    s.log(
      s.onset,
      "cluster-base",
      "warn",
      "intermediate Bank Internal CA 3 Issuing B passed its notAfter; it is issued by the security office outside the cluster",
    );
  },
});

export const bumps = [baseImage, rootStore];
