import { createPublicKey, verify } from "node:crypto";
import { BadRequest } from "../../errors.ts";
import { isRecord } from "../../records.ts";

/** A message as SNS hands it over. Of a confirmation `subscribeUrl` is the address that confirms it. */
export type Envelope = {
  type: "Notification" | "SubscriptionConfirmation";
  topic: string;
  message: string;
  /** The sender had to cut the message. */
  isCut: boolean;
  certificateUrl: string;
  subscribeUrl?: string;
  /** The text that is signed, and its signature by the hash that the version names. */
  signed: { text: string; signature: string; hash: "RSA-SHA1" | "RSA-SHA256" };
};

const hashes = { "1": "RSA-SHA1", "2": "RSA-SHA256" } as const;
/** The signed fields in their order: https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html */
const fields = {
  Notification: ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"],
  SubscriptionConfirmation: [
    "Message",
    "MessageId",
    "SubscribeURL",
    "Timestamp",
    "Token",
    "TopicArn",
    "Type",
  ],
} as const;

/** Reads a message of SNS over HTTP, or within an event of Lambda, where a name differs. Throws BadRequest. Nothing is verified here. */
export const readEnvelope = (json: unknown): Envelope => {
  if (!isRecord(json)) throw new BadRequest(400, "not a JSON object");
  const { Type: type, MessageAttributes: attributes } = json;
  if (type !== "Notification" && type !== "SubscriptionConfirmation")
    throw new BadRequest(400, "Type: neither a Notification nor a SubscriptionConfirmation of SNS");
  const text = (name: string): string => {
    const value = json[name];
    if (typeof value !== "string") throw new BadRequest(400, `${name}: not a text`);
    return value;
  };
  const hash =
    json.SignatureVersion === "1" || json.SignatureVersion === "2"
      ? hashes[json.SignatureVersion]
      : undefined;
  if (hash === undefined) throw new BadRequest(400, "SignatureVersion: neither 1 nor 2");
  const lines = fields[type].flatMap((name) =>
    name === "Subject" && !json.Subject ? [] : [`${name}\n${text(name)}\n`],
  );
  return {
    ...{ type, topic: text("TopicArn"), message: text("Message") },
    isCut: isRecord(attributes) && attributes.truncated !== undefined,
    certificateUrl: text(json.SigningCertURL === undefined ? "SigningCertUrl" : "SigningCertURL"),
    ...(type === "SubscriptionConfirmation" && { subscribeUrl: text("SubscribeURL") }),
    signed: { text: lines.join(""), signature: text("Signature"), hash },
  };
};

/** Whether the addresses of the certificate and of the confirmation are those of SNS in the topic's region. */
export const isNamedBySns = ({ topic, certificateUrl, subscribeUrl }: Envelope): boolean =>
  isOfSns(certificateUrl, topic) &&
  /^\/SimpleNotificationService-[0-9a-f]{1,64}\.pem$/.test(new URL(certificateUrl).pathname) &&
  (subscribeUrl === undefined || isOfSns(subscribeUrl, topic));

const isOfSns = (url: string, topic: string): boolean => {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname, port, username } = new URL(url);
  const [, partition, , region] = topic.split(":");
  const suffix = partition === "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com";
  return protocol === "https:" && port === "" && username === "" && hostname === `sns.${region}.${suffix}`;
};

/** `pem`: the certificate of SNS. */
export const isSignedBy = ({ signed }: Envelope, pem: string): boolean => {
  try {
    const key = createPublicKey(pem);
    return verify(signed.hash, Buffer.from(signed.text), key, Buffer.from(signed.signature, "base64"));
  } catch {
    return false;
  }
};
