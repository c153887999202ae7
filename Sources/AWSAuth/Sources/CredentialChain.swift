/// The places that AWS's tools look for credentials in, one after the other: the first that has any counts.
///
/// The order is botocore's: environment, a role that the profile assumes, a role by web identity, SSO, the credentials file, a program, the
/// config file, the container, the instance. A profile named by the caller, and not by the environment, puts the environment's keys aside.
struct CredentialChain: Sendable {
  enum Source: String, Sendable, CaseIterable {
    case environment, assumedRole, webIdentity, sso, credentialsFile, program, configFile, container, instance
  }

  let surroundings: CredentialSurroundings
  /// The profile that the caller names, nil for the environment's choice.
  let profile: String?
  /// Where roles are assumed, unless the environment or the profile says otherwise.
  let region: String?

  /// Reads the files anew and asks the sources.
  ///
  /// - Parameter only: the source to ask, nil for all of them: credentials are refreshed where they were found.
  /// - Throws: `CredentialError`; of code `notFound` where no source has any.
  func load(only: Source? = nil) async throws(CredentialError) -> (AWSCredentials, Source) {
    let files = try ProfileFiles(environment: surroundings.environment)
    let look = CredentialLook(
      surroundings: surroundings, files: files, main: try files.chosen(profile, environment: surroundings.environment),
      isExplicit: profile?.isEmpty == false, region: region)
    for source in only.map({ [$0] }) ?? Source.allCases {
      if let found = try await look.credentials(from: source) { return (found, source) }
    }
    if let only {
      throw CredentialError(
        .notFound, "Where the credentials came from (\(only.rawValue)) there are none now; check what has changed there.")
    }
    throw nowhere(look)
  }

  private func nowhere(_ look: CredentialLook) -> CredentialError {
    // A key that is half there is more likely a slip than anything else is.
    if !look.isExplicit, surroundings["AWS_SECRET_ACCESS_KEY"] != nil || surroundings["AWS_SESSION_TOKEN"] != nil,
      case .failure(let slip) = Result(catching: { () throws(CredentialError) in
        try EnvironmentCredentialProvider.read(surroundings.environment)
      })
    {
      return slip
    }
    let profile = "\(look.main.name) (\(look.files.places))"
    let places =
      look.isExplicit
      ? "Profile \(profile) has no" : "Neither the environment, profile \(profile), the container nor the instance has any"
    return CredentialError(
      .notFound, "\(places) AWS credentials; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile with 'aws configure'.")
  }
}

/// One look through the chain, with the files as they are now.
struct CredentialLook: Sendable {
  let surroundings: CredentialSurroundings
  let files: ProfileFiles
  let main: AWSProfile
  /// True where the caller names the profile: the environment's keys and roles don't count then.
  let isExplicit: Bool
  let region: String?

  /// What `source` has, nil where it isn't set up.
  func credentials(from source: CredentialChain.Source) async throws(CredentialError) -> AWSCredentials? {
    switch source {
    case .environment: isExplicit ? nil : try environment()
    case .assumedRole: try await assumedRole(main, visited: [main.name])
    case .container: try await container()
    case .instance: try await instance()
    case .webIdentity, .sso, .credentialsFile, .program, .configFile:
      try await profile(source, main, isEnvironmentAside: isExplicit)
    }
  }

  /// What one of the sources that are options of a profile has.
  private func profile(
    _ source: CredentialChain.Source, _ profile: AWSProfile, isEnvironmentAside: Bool
  ) async throws(CredentialError) -> AWSCredentials? {
    switch source {
    case .webIdentity: try await webIdentity(profile, isEnvironmentAside: isEnvironmentAside)
    case .sso: try await sso(profile)
    case .credentialsFile: try keys(of: files.credentials[profile.name], profile, in: files.credentialsPath)
    case .program: try await program(profile)
    case .configFile: try keys(of: files.config[profile.name], profile, in: files.configPath)
    default: nil
    }
  }

  /// What the profile that a role is assumed from has of its own.
  func ownCredentials(of profile: AWSProfile) async throws(CredentialError) -> AWSCredentials? {
    for source in [CredentialChain.Source.webIdentity, .sso, .credentialsFile, .program, .configFile] {
      if let found = try await self.profile(source, profile, isEnvironmentAside: true) { return found }
    }
    return nil
  }

  /// The keys in the environment, nil where there is no access key's id.
  func environment() throws(CredentialError) -> AWSCredentials? {
    surroundings["AWS_ACCESS_KEY_ID"] == nil ? nil : try EnvironmentCredentialProvider.read(surroundings.environment)
  }

  private func keys(of section: INIFile.Section?, _ profile: AWSProfile, in path: String?) throws(CredentialError) -> AWSCredentials? {
    func option(_ name: String) -> String? { section?[name]?.text }
    guard let id = option("aws_access_key_id") else { return nil }
    let place = "profile \(profile.name) of \(path ?? "the files")"
    guard let secret = option("aws_secret_access_key") else {
      throw CredentialError(.incomplete, "In \(place) aws_access_key_id is set but aws_secret_access_key is not; set both.")
    }
    let token = option("aws_security_token") ?? option("aws_session_token")
    try AWSCredentials.check(id, "access key id", readFrom: place)
    try AWSCredentials.check(secret, "secret access key", readFrom: place)
    if let token { try AWSCredentials.check(token, "session token", readFrom: place) }
    return try AWSCredentials(accessKeyID: id, secretAccessKey: secret, sessionToken: token)
  }
}
