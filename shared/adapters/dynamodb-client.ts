import { DynamoDBClient } from "@aws-sdk/client-dynamodb";

/**
 * A client that waits out throttling by itself, three tries a call: every write of the store is conditional on what it changes, or is
 * the same twice, so repeating one is safe. `endpoint` is AWS's unless given.
 */
export const dynamodbClient = ({ endpoint }: { endpoint?: string | undefined } = {}): DynamoDBClient =>
  new DynamoDBClient({
    ...(endpoint ? { endpoint } : {}),
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 1_000, requestTimeout: 3_000 },
  });
