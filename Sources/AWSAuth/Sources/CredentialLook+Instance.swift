internal import DynamoDBModel
internal import HTTPTransport

extension CredentialLook {
  /// What the instance's metadata service gives, by version 2 of its protocol alone; nil where there is none, or it has no role.
  func instance() async throws(CredentialError) -> AWSCredentials? {
    if surroundings.isTrue("AWS_EC2_METADATA_DISABLED") { return nil }
    let origin = try metadataOrigin()
    var request = SourceRequest(method: "PUT", origin: origin, path: "/latest/api/token")
    request.fields = [("x-aws-ec2-metadata-token-ttl-seconds", "21600")]
    request.isLocal = true
    request.timeouts = try metadataTimeouts()
    request.attempts = try number("AWS_METADATA_SERVICE_NUM_ATTEMPTS", "metadata_service_num_attempts", 3, in: 1...100)
    let token: SourceAnswer
    do {
      token = try await surroundings.send(request, to: "the instance metadata service")
    } catch {
      // Not on an instance, or one without the service: that there are no credentials here is no failure of it.
      if let cause = error.cause as? HTTPTransportError, !cause.mayHaveArrived, error.code == .unreachable { return nil }
      throw error
    }
    guard token.status == 200 else {
      // Never the first version's way, which needs no token: a forged request could ask for credentials by it.
      if [403, 404, 405].contains(token.status) { return nil }
      throw unusable("answers HTTP \(token.status) to the request for a token", token)
    }
    request.fields = [("x-aws-ec2-metadata-token", String(decoding: token.body, as: UTF8.self))]
    request.method = "GET"
    request.path = "/latest/meta-data/iam/security-credentials/"
    let roles = try await surroundings.send(request, to: "the instance metadata service")
    if roles.status == 404 { return nil }
    guard roles.status == 200 else { throw unusable("answers HTTP \(roles.status) to the question for the role", roles) }
    let role = String(decoding: roles.body.prefix { $0 != 0x0A && $0 != 0x0D }, as: UTF8.self)
    if role.isEmpty { return nil }
    request.path += percentEncoded(role)
    let answer = try await surroundings.send(request, to: "the instance metadata service")
    guard answer.status == 200, let json = JSONValue(answer.body), let given = GivenCredentials(json: json, tokenName: "Token") else {
      throw unusable("answers HTTP \(answer.status) and no credentials of the role", answer)
    }
    // A role that the service can't assume is told with a code in place of credentials.
    if let code = json["Code"]?.string, code != "Success" { throw unusable("has no credentials of the instance's role", answer) }
    return try given.checked(from: "the instance metadata service", mustExpire: true)
  }

  private func unusable(_ what: String, _ answer: SourceAnswer) -> CredentialError {
    CredentialError(
      answer.isTransient ? .unreachable : .badAnswer,
      "The instance metadata service \(what); check the instance's profile, or set AWS_EC2_METADATA_DISABLED=true to do without it.")
  }

  private func metadataOrigin() throws(CredentialError) -> HTTPOrigin {
    let mode = setting("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "ec2_metadata_service_endpoint_mode") ?? "ipv4"
    guard ["ipv4", "ipv6"].contains(mode.lowercased()) else {
      throw CredentialError(.malformed, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE must be IPv4 or IPv6; mend it, or the profile's option.")
    }
    guard let url = setting("AWS_EC2_METADATA_SERVICE_ENDPOINT", "ec2_metadata_service_endpoint") else {
      return HTTPOrigin(isSecure: false, host: mode.lowercased() == "ipv6" ? "fd00:ec2::254" : "169.254.169.254")
    }
    do {
      return try HTTPOrigin(endpointURL: url)
    } catch {
      throw CredentialError(.malformed, "AWS_EC2_METADATA_SERVICE_ENDPOINT can't be used. \(error.description)")
    }
  }

  private func metadataTimeouts() throws(CredentialError) -> HTTPTimeouts {
    let seconds = Duration.seconds(try number("AWS_METADATA_SERVICE_TIMEOUT", "metadata_service_timeout", 1, in: 1...60))
    return HTTPTimeouts(connect: seconds, idle: seconds, total: seconds)
  }

  private func number(
    _ variable: String, _ option: String, _ standard: Int, in range: ClosedRange<Int>
  ) throws(CredentialError) -> Int {
    guard let text = setting(variable, option) else { return standard }
    guard let value = Int(text), range.contains(value) else {
      throw CredentialError(
        .malformed, "\(variable) must be a number from \(range.lowerBound) to \(range.upperBound); mend it, or \(option).")
    }
    return value
  }

  private func setting(_ variable: String, _ option: String) -> String? { surroundings[variable] ?? main[option] }
}
