type Resource = { Type: string; Properties: Record<string, unknown> };

/** The types of the template that take tags as a list; a test holds this to AWS's specification. */
const listed: readonly string[] = [
  "AWS::CloudWatch::Alarm",
  "AWS::CloudWatch::Dashboard",
  "AWS::DynamoDB::Table",
  "AWS::Events::EventBus",
  "AWS::ElasticLoadBalancingV2::Listener",
  "AWS::ElasticLoadBalancingV2::ListenerRule",
  "AWS::ElasticLoadBalancingV2::LoadBalancer",
  "AWS::ElasticLoadBalancingV2::TargetGroup",
  "AWS::Events::Rule",
  "AWS::IAM::Role",
  "AWS::Lambda::EventSourceMapping",
  "AWS::Lambda::Function",
  "AWS::Logs::LogGroup",
  "AWS::SNS::Topic",
  "AWS::SQS::Queue",
];
/** Those that take them as a map. */
const mapped: readonly string[] = [
  "AWS::ApiGatewayV2::Api",
  "AWS::ApiGatewayV2::DomainName",
  "AWS::ApiGatewayV2::Stage",
];

/** The resource with the tags `application` and `stage`, where its type takes tags. */
export const tagged = <R extends Resource>(resource: R, stage: unknown): R => {
  const tags = { application: "countersteer", stage };
  const Tags = mapped.includes(resource.Type)
    ? tags
    : listed.includes(resource.Type)
      ? Object.entries(tags).map(([Key, Value]) => ({ Key, Value }))
      : undefined;
  return Tags === undefined ? resource : { ...resource, Properties: { ...resource.Properties, Tags } };
};
