package import HTTPTransport

/// Where requests go and for which region they are signed.
public struct DynamoDBEndpoint: Sendable, Hashable, CustomStringConvertible {
  /// The region that signatures name, as in `eu-central-1`.
  public let region: String
  /// Scheme, host and port.
  package let origin: HTTPOrigin

  package init(region: String, origin: HTTPOrigin) {
    self.region = region
    self.origin = origin
  }

  /// The endpoint's URL.
  public var description: String { origin.description }

  /// Finds region and endpoint as the AWS command line does, from flags and then the environment.
  ///
  /// The region is `region`, `AWS_REGION` or `AWS_DEFAULT_REGION`, or what the URL of one of AWS's own endpoints says. The endpoint is
  /// `url`, `AWS_ENDPOINT_URL_DYNAMODB` or `AWS_ENDPOINT_URL` (neither where `AWS_IGNORE_CONFIGURED_ENDPOINT_URLS` is true), or AWS's own
  /// for the region, by `AWS_USE_FIPS_ENDPOINT` and `AWS_USE_DUALSTACK_ENDPOINT`. Plain `http` is taken where a URL says so.
  ///
  /// - Throws: `DynamoDBError` of code `invalidConfiguration` where there is no region, or a region or URL can't be one.
  public static func resolve(
    environment: [String: String], region: String? = nil, url: String? = nil
  ) throws(DynamoDBError) -> DynamoDBEndpoint {
    func setting(_ name: String) -> String? {
      guard let value = environment[name], !value.isEmpty else { return nil }
      return value
    }
    func isTrue(_ name: String) -> Bool { setting(name)?.lowercased() == "true" }

    let configured =
      isTrue("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS") ? nil : setting("AWS_ENDPOINT_URL_DYNAMODB") ?? setting("AWS_ENDPOINT_URL")
    let given = try (url ?? configured).map(HTTPOrigin.init(endpointURL:))
    let named = region ?? setting("AWS_REGION") ?? setting("AWS_DEFAULT_REGION") ?? given.flatMap { Self.region(ofHost: $0.host) }
    guard let named else {
      throw DynamoDBError(.invalidConfiguration, "No region is set; pass --region or set AWS_REGION.")
    }
    guard HTTPOrigin.isHostLabel(named[...]) else {
      throw DynamoDBError(.invalidConfiguration, "The region may hold letters, digits and hyphens only, as in eu-central-1.")
    }
    if let given { return DynamoDBEndpoint(region: named, origin: given) }
    let host = AWSPartition.of(region: named).host(
      region: named, fips: isTrue("AWS_USE_FIPS_ENDPOINT"), dualStack: isTrue("AWS_USE_DUALSTACK_ENDPOINT"))
    return DynamoDBEndpoint(region: named, origin: HTTPOrigin(isSecure: true, host: host))
  }

  /// The region that the name of one of AWS's own endpoints holds, nil for every other name.
  static func region(ofHost host: String) -> String? {
    let labels = host.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard labels.count >= 3, let at = labels.firstIndex(where: { ["dynamodb", "dynamodb-fips", "ddb"].contains($0) }),
      at <= 1, at + 1 < labels.count
    else { return nil }
    let region = labels[at + 1]
    let partition = AWSPartition.of(region: region)
    let rest = labels[(at + 2)...].joined(separator: ".")
    return rest == partition.suffix || rest == partition.dualStackSuffix ? region : nil
  }
}
