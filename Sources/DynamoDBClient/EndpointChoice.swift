internal import AWSAuth
internal import HTTPTransport

/// What environment and profile say of an endpoint.
struct EndpointChoice {
  let environment: [String: String]
  let profile: AWSProfile

  /// The endpoint for what flags say, and where they say nothing, for what is set here.
  func endpoint(_ region: String?, _ url: String?) throws -> DynamoDBEndpoint {
    let given = try (url ?? configuredURL).map(HTTPOrigin.init(endpointURL:))
    let named = region ?? variable("AWS_REGION") ?? variable("AWS_DEFAULT_REGION") ?? profile["region"]
    guard let region = named ?? given.flatMap({ DynamoDBEndpoint.region(ofHost: $0.host) }) else {
      throw DynamoDBError(.invalidConfiguration, "No region is set; pass --region, or set AWS_REGION or the profile's region.")
    }
    guard HTTPOrigin.isHostLabel(region[...]) else {
      throw DynamoDBError(.invalidConfiguration, "The region may hold letters, digits and hyphens only, as in eu-central-1.")
    }
    return DynamoDBEndpoint(region: region, origin: try given ?? HTTPOrigin(isSecure: true, host: host(region)))
  }

  private var configuredURL: String? {
    if isTrue("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls") { return nil }
    return variable("AWS_ENDPOINT_URL_DYNAMODB") ?? variable("AWS_ENDPOINT_URL") ?? profile.endpointURL(of: "dynamodb")
  }

  /// AWS's own host in `region`.
  private func host(_ region: String) throws(DynamoDBError) -> String {
    let partition = AWSPartition.of(region: region)
    let fips = isTrue("AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint")
    let dualStack = isTrue("AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint")
    let mode = (variable("AWS_ACCOUNT_ID_ENDPOINT_MODE") ?? profile["account_id_endpoint_mode"] ?? "disabled").lowercased()
    guard ["disabled", "preferred", "required"].contains(mode) else {
      throw DynamoDBError(
        .invalidConfiguration, "AWS_ACCOUNT_ID_ENDPOINT_MODE must be preferred, required or disabled; mend it, or the profile's option.")
    }
    if mode != "disabled" {
      // Keys in the environment are of the account that is named beside them, and of no profile's.
      let account = variable("AWS_ACCOUNT_ID") ?? profile["aws_account_id"]
      if let account, account.utf8.count == 12, account.utf8.allSatisfy({ 0x30...0x39 ~= $0 }),
        let host = partition.accountHost(account, region: region, fips: fips, dualStack: dualStack)
      {
        return host
      }
      if mode == "required" {
        throw DynamoDBError(
          .invalidConfiguration,
          "An account's own endpoint is required, but no account's id of 12 digits is set, or the region or FIPS has no such endpoint; set "
            + "AWS_ACCOUNT_ID, or set AWS_ACCOUNT_ID_ENDPOINT_MODE to preferred.")
      }
    }
    return partition.host(of: "dynamodb", region: region, fips: fips, dualStack: dualStack)
  }

  private func variable(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }

  private func isTrue(_ name: String, _ option: String) -> Bool {
    variable(name).map { $0.lowercased() == "true" } ?? profile.isTrue(option)
  }
}
