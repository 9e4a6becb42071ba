import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { type AwsAccess, timeoutsOf } from "../aws-access.ts";

/**
 * A client that waits out throttling by itself, three tries a call: every write of the store is conditional on what it changes, or is
 * the same twice, so repeating one is safe.
 */
export const dynamodbClient = (access: AwsAccess = {}): DynamoDBClient =>
  new DynamoDBClient({
    ...access,
    maxAttempts: 3,
    requestHandler: timeoutsOf(access),
  });
