/** How a client of AWS reaches it. What is left out is found as AWS's own tools find it. */
export type AwsAccess = {
  endpoint?: string;
  region?: string;
  credentials?: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
};
