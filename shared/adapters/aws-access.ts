/** The connection of an AWS client. AWS's own defaults fill the rest. */
export type AwsAccess = {
  endpoint?: string;
  region?: string;
  credentials?: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
};
