internal import HTTPTransport

/// Where a service that hands out credentials is.
struct ServicePlace: Sendable {
  /// Begins the host's name, as in `portal.sso`.
  let hostName: String
  /// As `AWS_ENDPOINT_URL_…` and the sections of services spell it, in small letters.
  let id: String

  static let sts = ServicePlace(hostName: "sts", id: "sts")
  static let sso = ServicePlace(hostName: "portal.sso", id: "sso")
  static let oidc = ServicePlace(hostName: "oidc", id: "sso_oidc")

  /// The endpoint in `region`: what environment and profile set, else AWS's own.
  func origin(
    region: String, _ profile: AWSProfile, _ surroundings: CredentialSurroundings
  ) throws(CredentialError) -> HTTPOrigin {
    guard HTTPOrigin.isHostLabel(region[...]) else {
      throw CredentialError(.malformed, "The region of profile \(profile.name) can't be one; give it as in eu-central-1.")
    }
    if let url = url(profile, surroundings) {
      do {
        return try HTTPOrigin(endpointURL: url)
      } catch {
        throw CredentialError(.malformed, "The endpoint that is set for \(id) can't be used. \(error.description)")
      }
    }
    func isOn(_ variable: String, _ option: String) -> Bool {
      surroundings[variable].map { $0.lowercased() == "true" } ?? profile.isTrue(option)
    }
    let host = AWSPartition.of(region: region).host(
      of: hostName, region: region, fips: isOn("AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint"),
      dualStack: isOn("AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint"))
    return HTTPOrigin(isSecure: true, host: host)
  }

  private func url(_ profile: AWSProfile, _ surroundings: CredentialSurroundings) -> String? {
    let isIgnored = surroundings["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"].map { $0.lowercased() == "true" }
    if isIgnored ?? profile.isTrue("ignore_configured_endpoint_urls") { return nil }
    return surroundings["AWS_ENDPOINT_URL_\(id.uppercased())"] ?? surroundings["AWS_ENDPOINT_URL"] ?? profile.endpointURL(of: id)
  }
}
