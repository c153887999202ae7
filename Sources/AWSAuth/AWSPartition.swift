/// One of AWS's separate worlds: which regions are in it and how their endpoints are called.
///
/// Source of the rules: the endpoint rule sets and partition list that AWS publishes with its SDKs.
package struct AWSPartition: Sendable, Hashable {
  package let name: String
  package let suffix: String
  package let dualStackSuffix: String

  private static let standard = AWSPartition(name: "aws", suffix: "amazonaws.com", dualStackSuffix: "api.aws")

  /// By what a region's name begins with; the first that fits counts.
  private static let byPrefix: [(prefix: String, partition: AWSPartition)] = [
    ("cn-", .init(name: "aws-cn", suffix: "amazonaws.com.cn", dualStackSuffix: "api.amazonwebservices.com.cn")),
    ("us-gov-", .init(name: "aws-us-gov", suffix: "amazonaws.com", dualStackSuffix: "api.aws")),
    ("us-iso-", .init(name: "aws-iso", suffix: "c2s.ic.gov", dualStackSuffix: "api.aws.ic.gov")),
    ("us-isob-", .init(name: "aws-iso-b", suffix: "sc2s.sgov.gov", dualStackSuffix: "api.aws.scloud")),
    ("eu-isoe-", .init(name: "aws-iso-e", suffix: "cloud.adc-e.uk", dualStackSuffix: "api.cloud-aws.adc-e.uk")),
    ("us-isof-", .init(name: "aws-iso-f", suffix: "csp.hci.ic.gov", dualStackSuffix: "api.aws.hci.ic.gov")),
    ("eusc-", .init(name: "aws-eusc", suffix: "amazonaws.eu", dualStackSuffix: "api.amazonwebservices.eu")),
  ]

  /// The partition of `region`; the standard one for regions that nobody knows yet.
  package static func of(region: String) -> AWSPartition {
    byPrefix.first { region.hasPrefix($0.prefix) }?.partition ?? standard
  }

  /// The host of a service in `region`.
  ///
  /// - Parameter service: what the host's name begins with, as in `dynamodb`.
  package func host(of service: String, region: String, fips: Bool, dualStack: Bool) -> String {
    // In the government regions the ordinary endpoint is the FIPS one.
    let name = fips && !(name == "aws-us-gov" && !dualStack) ? "\(service)-fips" : service
    return "\(name).\(region).\(dualStack ? dualStackSuffix : suffix)"
  }

  /// The host of an account's own DynamoDB endpoint, nil where there is none: FIPS endpoints and the other partitions have none.
  package func accountHost(_ account: String, region: String, fips: Bool, dualStack: Bool) -> String? {
    guard name == "aws", !fips else { return nil }
    return "\(account).ddb.\(region).\(dualStack ? dualStackSuffix : suffix)"
  }
}
