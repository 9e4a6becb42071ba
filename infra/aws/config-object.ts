import { Sha256 } from "@smithy/core/checksum";
import { SignatureV4 } from "@smithy/signature-v4";
import { awsDomain } from "../../shared/adapters/aws-access.ts";
import { type Answer, askAgain, call } from "./asking.ts";
import type { Credentials } from "./secrets.ts";

/** The compiled configuration as S3 has it: its text, and the version of it. */
export type ConfigObject = { text: string; etag: string; version?: string };
/** Where it is. `endpoint` is AWS's unless given. */
export type ConfigPlace = {
  bucket: string;
  key: string;
  region: string;
  credentials: Credentials;
  endpoint?: string | undefined;
};

/** An object of 10,000 services is about 6 MB. */
const timeoutMs = 5_000;

/** The object, or undefined when it is still the one of `etag`. Throws an Error that names it when S3 refuses or does not answer. */
export const readConfigObject = async (
  place: ConfigPlace,
  etag: string | undefined,
): Promise<ConfigObject | undefined> => {
  const { status, headers, body } = await askAgain(() => get(place, etag), isBusy);
  if (status === 304) return undefined;
  if (status !== 200) throw new Error(`read s3://${place.bucket}/${place.key}: ${status} ${reason(body)}`);
  const version = headers["x-amz-version-id"];
  return {
    ...{ text: body, etag: String(headers.etag ?? "") },
    ...(typeof version === "string" && { version }),
  };
};

const isBusy = ({ status }: Answer): boolean => status === 429;

/** By path, as a bucket's name may hold dots: https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html */
const get = async (
  { bucket, key, region, credentials, endpoint }: ConfigPlace,
  etag: string | undefined,
): Promise<Answer> => {
  const path = `/${[bucket, ...key.split("/")].map(encodeURIComponent).join("/")}`;
  const url = new URL(path, endpoint ?? `https://s3.${region}.${awsDomain(region)}`);
  const signer = new SignatureV4({
    ...{ service: "s3", region, credentials, sha256: Sha256, uriEscapePath: false },
  });
  const { headers } = await signer.sign({
    ...{ method: "GET", protocol: url.protocol, hostname: url.hostname, path },
    headers: { host: url.host, ...(etag && { "if-none-match": etag }) },
  });
  return call(url, { system: "S3", method: "GET", headers, timeoutMs });
};

/** S3's own code of a refusal, such as `NoSuchKey`. */
const reason = (body: string): string => /<Code>(\w+)<\/Code>/.exec(body)?.[1] ?? "(no reason given)";
