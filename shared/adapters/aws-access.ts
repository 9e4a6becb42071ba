/** The connection of an AWS client. AWS's own defaults fill the rest. */
export type AwsAccess = {
  endpoint?: string;
  region?: string;
  credentials?: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
};

/** The patience with a stand-in for AWS, which is reached by plain http: it shares the machine with its caller, and may be slow there. */
export const standInMs = 60_000;

/** How long a client waits for a connection and for an answer. AWS itself takes milliseconds. */
export const timeoutsOf = ({ endpoint = "" }: AwsAccess) => ({
  ...(endpoint.startsWith("http:")
    ? { connectionTimeout: standInMs, requestTimeout: standInMs }
    : { connectionTimeout: 1_000, requestTimeout: 3_000 }),
  throwOnRequestTimeout: true,
});

/** The domain of AWS's services in the partition of a region. */
export const awsDomain = (region: string): string =>
  region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
