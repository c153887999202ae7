internal import HTTPTransport

extension CredentialLook {
  /// The credentials of the role that `profile` assumes, nil where it assumes none.
  ///
  /// - Parameter visited: profiles on the way here, the first of them the one that was asked for.
  func assumedRole(_ profile: AWSProfile, visited: [String]) async throws(CredentialError) -> AWSCredentials? {
    // A role by web identity is another source's, wherever in a chain of roles it stands.
    guard let role = profile["role_arn"], profile["web_identity_token_file"] == nil else { return nil }
    if profile["mfa_serial"] != nil {
      throw CredentialError(
        .unsupported,
        "Profile \(profile.name) asks for a code of a device (mfa_serial), which nobody can type in for hours on end; get a session's "
          + "credentials with 'aws sts get-session-token' or 'aws configure export-credentials', and set those.")
    }
    let source = try await sourceCredentials(of: profile, visited: visited)
    return try await assume("AssumeRole", role, profile, signedBy: source)
  }

  /// What the role of `profile` is assumed with.
  private func sourceCredentials(of profile: AWSProfile, visited: [String]) async throws(CredentialError) -> AWSCredentials {
    switch (profile["source_profile"], profile["credential_source"]) {
    case (nil, nil):
      throw CredentialError(
        .incomplete, "Profile \(profile.name) has a role_arn but neither source_profile nor credential_source; set one of them.")
    case (_?, _?):
      throw CredentialError(.malformed, "Profile \(profile.name) has both source_profile and credential_source; take one of them out.")
    case (nil, let source?): return try await named(source, profile)
    case (let name?, nil):
      guard let next = files.profile(name) else {
        throw CredentialError(
          .notFound, "Profile \(profile.name) names the source_profile \(name), which isn't in \(files.places); add it.")
      }
      let hasKeys = next.options["aws_access_key_id"] != nil || next.options["aws_secret_access_key"] != nil
      // A profile may name itself where it has keys: then they are what its role is assumed with.
      if visited.contains(name) && !(name == profile.name && hasKeys) {
        throw CredentialError(
          .malformed, "The profiles \((visited + [name]).joined(separator: ", ")) name each other in a circle; let one of them have keys.")
      }
      if !hasKeys, let found = try await assumedRole(next, visited: visited + [name]) { return found }
      if let found = try await ownCredentials(of: next) { return found }
      throw CredentialError(
        .notFound, "Profile \(name), which profile \(profile.name) names as its source, has no credentials; give it some.")
    }
  }

  private func named(_ source: String, _ profile: AWSProfile) async throws(CredentialError) -> AWSCredentials {
    let found: AWSCredentials?
    switch source {
    case "Environment": found = try environment()
    case "EcsContainer": found = try await container()
    case "Ec2InstanceMetadata": found = try await instance()
    default:
      throw CredentialError(
        .malformed,
        "Profile \(profile.name) has a credential_source that isn't known; give Environment, EcsContainer or Ec2InstanceMetadata.")
    }
    if let found { return found }
    throw CredentialError(
      .notFound, "The credential_source \(source) of profile \(profile.name) has no credentials; check where this runs.")
  }

  /// The credentials of a role by the token of an identity provider, nil where none is set.
  func webIdentity(_ profile: AWSProfile, isEnvironmentAside: Bool) async throws(CredentialError) -> AWSCredentials? {
    func option(_ name: String, _ variable: String) -> String? {
      (isEnvironmentAside ? nil : surroundings[variable]) ?? profile[name]
    }
    guard let path = option("web_identity_token_file", "AWS_WEB_IDENTITY_TOKEN_FILE") else { return nil }
    guard let role = option("role_arn", "AWS_ROLE_ARN") else {
      throw CredentialError(.incomplete, "A token file of a web identity is set but no role; set role_arn, or AWS_ROLE_ARN.")
    }
    guard let bytes = try SmallFile.read(path) else {
      throw CredentialError(.notFound, "There is no token file \(path) of a web identity; check the path and what should write it.")
    }
    let token = INIFile.trimming(String(decoding: bytes, as: UTF8.self))
    try AWSCredentials.check(token, "web identity's token", readFrom: path)
    return try await assume(
      "AssumeRoleWithWebIdentity", role, profile, sessionName: option("role_session_name", "AWS_ROLE_SESSION_NAME"), token: token)
  }

  private func assume(
    _ action: String, _ role: String, _ profile: AWSProfile, sessionName: String? = nil, token: String? = nil,
    signedBy credentials: AWSCredentials? = nil
  ) async throws(CredentialError) -> AWSCredentials {
    let region =
      surroundings["AWS_REGION"] ?? surroundings["AWS_DEFAULT_REGION"] ?? region ?? main["region"] ?? profile["region"] ?? "us-east-1"
    let name = sessionName ?? profile["role_session_name"] ?? "dualtable-\(surroundings.wallClock.now())"
    var parameters = [("RoleArn", role), ("RoleSessionName", name)]
    if let token {
      parameters.append(("WebIdentityToken", token))
    } else if let id = profile["external_id"] {
      parameters.append(("ExternalId", id))
    }
    if let text = profile["duration_seconds"] {
      guard let seconds = Int(text), seconds > 0 else {
        throw CredentialError(.malformed, "Profile \(profile.name) has a duration_seconds that is no number of seconds; mend it.")
      }
      parameters.append(("DurationSeconds", "\(seconds)"))
    }
    let call = STSCall(
      action: action, parameters: parameters, credentials: credentials, region: region,
      origin: try ServicePlace.sts.origin(region: region, main, surroundings),
      secrets: [token, credentials?.sessionToken, credentials?.secretAccessKey, profile["external_id"]].compactMap(\.self))
    return try await call.credentials(of: role, surroundings)
  }
}
