import { generateKeyPairSync, sign } from "node:crypto";
import type { Topic } from "../../shared/ports/topic.ts";

export const arn = "arn:aws:sns:eu-central-1:123456789012:alerts";
const host = "https://sns.eu-central-1.amazonaws.com";
export const certificateUrl = `${host}/SimpleNotificationService-00ff.pem`;
const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
/** SNS' certificate, as far as a verification needs it. */
export const certificate = publicKey.export({ type: "spki", format: "pem" }).toString();

const order = ["Message", "MessageId", "SubscribeURL", "Subject", "Timestamp", "Token", "TopicArn", "Type"];

/** A message as SNS posts it, signed. */
export const signedMessage = (Message: string, over: Record<string, unknown> = {}) => {
  const message: Record<string, unknown> = {
    ...{
      Type: "Notification",
      MessageId: "m-1",
      TopicArn: arn,
      Message,
      Timestamp: "2026-01-01T00:00:00.000Z",
    },
    ...{ SignatureVersion: "1", SigningCertURL: certificateUrl },
    ...over,
  };
  const isNotification = message.Type === "Notification";
  const names = order.filter((name) => message[name] && (name !== "SubscribeURL" || !isNotification));
  const text = names.map((name) => `${name}\n${message[name]}\n`).join("");
  const hash = message.SignatureVersion === "2" ? "RSA-SHA256" : "RSA-SHA1";
  return { ...message, Signature: sign(hash, Buffer.from(text), privateKey).toString("base64") };
};

export const confirmation = () =>
  signedMessage("You have chosen to subscribe", {
    ...{ Type: "SubscriptionConfirmation", Token: "t", SubscribeURL: `${host}/?Action=ConfirmSubscription` },
  });

/** A topic whose calls are noted. */
export const fakeTopic = (): Topic & { calls: string[] } => {
  const calls: string[] = [];
  return {
    ...{ arn, calls },
    certificate: async (url) => {
      calls.push(url);
      return url === certificateUrl ? certificate : undefined;
    },
    confirm: async (url) => void calls.push(url),
  };
};
