import { byLanguage } from "../languages.ts";
import { snake } from "../names.ts";
import { line, step, type TellNobody } from "../story.ts";

/** No commit is guilty: a vendor, a certificate, DNS, a quota, a secret. */
export const outside = {
  vendor_down(world) {
    const { dice, service } = world;
    const { vendor } = world.domain;
    return {
      alerts: [`HighErrorRate ${service.name}`, `${service.name} success rate ${dice.int(50, 92)}%`],
      lines: [
        line(
          "error",
          20,
          dice.pick([
            `POST https://${vendor}/v2/requests -> 503 Service Unavailable (retry-after: 120)`,
            `https://${vendor}: 504 Gateway Timeout after 30000ms`,
            `${vendor} answered 500: {"error":"internal","incident":"https://status.${vendor.split(".").slice(-2).join(".")}"}`,
          ]),
        ),
      ],
      series: [
        step(`outbound_errors_ratio{host="${vendor}"}`, 0.001, 0.88),
        step("http_5xx_ratio", 0.002, 0.2),
      ],
      needs: ["logs"],
      words: `${service.name} success rate`,
    };
  },

  cert_expired(world) {
    const { dice, service, upstream } = world;
    return {
      alerts: [
        `${service.name} 5xx ${dice.int(20, 100)}%`,
        `probe failed: https://${service.name}.${world.domain.org}.io`,
      ],
      lines: [
        line(
          "error",
          18,
          byLanguage(service, [
            `x509: certificate has expired or is not yet valid: current time is after the certificate's notAfter, host ${upstream.name}.internal`,
            `javax.net.ssl.SSLHandshakeException: PKIX path validation failed: validity check failed: certificate expired (${upstream.name}.internal)`,
            `SSL: CERTIFICATE_VERIFY_FAILED certificate has expired host=${upstream.name}.internal`,
          ]),
        ),
      ],
      series: [step("http_5xx_ratio", 0.002, 0.8)],
      needs: ["logs"],
      words: `${service.name} 5xx probe`,
    };
  },

  dns(world) {
    const { service, upstream } = world;
    return {
      alerts: [
        `${service.name} errors`,
        "multiple services degraded in eu-west-1",
        `HighErrorRate ${service.name}`,
      ],
      lines: [
        line(
          "error",
          16,
          byLanguage(service, [
            `lookup ${upstream.name}.prod.svc.cluster.local on 172.20.0.10:53: server misbehaving`,
            `java.net.UnknownHostException: ${upstream.name}.prod.svc.cluster.local: Temporary failure in name resolution`,
            `getaddrinfo EAI_AGAIN ${upstream.name}.prod.svc.cluster.local`,
          ]),
        ),
        line(
          "error",
          10,
          "[ERROR] plugin/errors: 2 . NS: read udp 10.2.0.9:41822->169.254.20.10:53: i/o timeout",
          { service: "coredns" },
        ),
        line("error", 6, `temporary failure in name resolution: ${upstream.name}`, { service: world.other }),
      ],
      series: [
        step("http_5xx_ratio", 0.002, 0.2),
        step("http_5xx_ratio", 0.002, 0.18, { service: world.other }),
      ],
      needs: ["logs"],
      words: `${service.name} errors`,
    };
  },

  quota(world) {
    const { dice, service } = world;
    return {
      alerts: [`${service.name} job failures`, `HighErrorRate ${service.name}`],
      lines: [
        line(
          "error",
          16,
          dice.pick([
            `googleapi: Error 429: Quota exceeded for quota metric 'Read requests' and limit 'Read requests per day' of service 'maps.googleapis.com'`,
            "ThrottlingException: Rate exceeded (account limit for kms:Decrypt reached)",
            "VcpuLimitExceeded: You have requested more vCPU capacity than your current vCPU limit of 256 allows",
            `403 monthly request quota used up for plan "business" (resets in ${dice.int(2, 9)} days)`,
          ]),
        ),
      ],
      series: [step("task_failures_ratio", 0.004, 0.5)],
      needs: ["logs"],
      words: `${service.name} job failures`,
    };
  },

  secret_expired(world) {
    const { dice, service } = world;
    return {
      alerts: [
        `${service.name} cannot send`,
        `HighErrorRate ${service.name}`,
        `${service.name} jobs failing`,
      ],
      lines: [
        line(
          "error",
          16,
          dice.pick([
            "401 invalid_client: the client secret has expired (AADSTS7000222)",
            `FATAL: password authentication failed for user "${snake(service.name)}_app" (credential lease expired in vault)`,
            `${world.domain.vendor}: 401 API key expired`,
            "license expired: the trial period has ended",
          ]),
        ),
      ],
      series: [step("task_failures_ratio", 0.003, 0.95)],
      needs: ["logs"],
      words: `${service.name} failing`,
    };
  },
} satisfies Record<string, TellNobody>;
