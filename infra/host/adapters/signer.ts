import { Sha256 } from "@smithy/core/checksum";
import { SignatureV4 } from "@smithy/signature-v4";

export type Credentials = { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
export type Signed = { service: "aps" | "ecr" | "logs"; region: string; credentials: Credentials };
export type Signer = Pick<SignatureV4, "sign">;
export type SignerFor = (signed: Signed) => Signer | Promise<Signer>;

/** Signs requests as AWS asks: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html */
export const signerFor = (signed: Signed): Signer => new SignatureV4({ ...signed, sha256: Sha256 });
