/** The SNS topic that alerts come by. */
export interface Topic {
  /** Its ARN. Messages of any other are refused. */
  arn: string;
  /** The certificate at this address, as PEM; undefined where there is none. Throws UpstreamError. The caller has checked the address. */
  certificate(url: string): Promise<string | undefined>;
  /** Confirms the subscription by calling its address, which the caller has checked. Throws UpstreamError. */
  confirm(url: string): Promise<void>;
}
