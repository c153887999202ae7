internal import CLibcrypto
internal import DynamoDBModel

extension CredentialLook {
  /// The credentials that a profile gets by IAM Identity Center, nil where it isn't set up for that.
  func sso(_ profile: AWSProfile) async throws(CredentialError) -> AWSCredentials? {
    guard profile["sso_role_name"] != nil || profile["sso_account_id"] != nil else { return nil }
    let session = try SSOSession(profile, files)
    var token = try session.token(surroundings)
    let now = surroundings.wallClock.now()
    if token.expiresAt - now < 15 * 60_000 {
      do throws(CredentialError) {
        if let renewed = try await session.renewed(token, main, surroundings) { token = renewed }
      } catch  where token.expiresAt > now && error.code != .cancelled {
        // The old one may do yet.
      }
    }
    guard token.expiresAt > now else { throw session.loginRequired("has expired") }
    let origin = try ServicePlace.sso.origin(region: session.region, main, surroundings)
    let answer = try await surroundings.send(
      SourceRequest(
        origin: origin,
        path: "/federation/credentials?role_name=\(percentEncoded(session.role))&account_id=\(percentEncoded(session.account))",
        fields: [("x-amz-sso_bearer_token", token.accessToken)]), to: "IAM Identity Center")
    switch answer.status {
    case 200: break
    case 401: throw session.loginRequired("is no longer valid")
    case 403:
      throw CredentialError(
        .denied, "IAM Identity Center doesn't give profile \(profile.name) the role \(session.role); have it assigned, or check its name.")
    case let status:
      let isTransient = answer.isTransient
      throw CredentialError(
        isTransient ? .unreachable : .denied,
        "IAM Identity Center answers HTTP \(status) to profile \(profile.name); check its sso_account_id, sso_role_name and sso_region.")
    }
    let found = JSONValue(answer.body)?["roleCredentials"]
    return try GivenCredentials(
      accessKeyID: found?["accessKeyId"]?.string, secretAccessKey: found?["secretAccessKey"]?.string,
      sessionToken: found?["sessionToken"]?.string, expiration: found?["expiration"]?.integer.flatMap { iso8601(milliseconds: Int64($0)) }
    ).checked(from: "IAM Identity Center", mustExpire: true)
  }
}

/// A sign-in at IAM Identity Center, of which AWS's command line keeps a token in `~/.aws/sso/cache`.
struct SSOSession: Sendable {
  struct Token: Sendable {
    let accessToken: String
    let expiresAt: Int64
    /// All that the file holds.
    let members: [JSONValue.Member]

    subscript(name: String) -> String? { JSONValue.object(members)[name]?.string }
  }

  let profile: String
  let startURL: String
  let region: String
  let account: String
  let role: String
  /// The name of a section `sso-session`; nil where the profile has all options itself, as old ones do. Only those can be renewed.
  let name: String?

  init(_ profile: AWSProfile, _ files: ProfileFiles) throws(CredentialError) {
    self.profile = profile.name
    name = profile["sso_session"]
    var session: INIFile.Section = [:]
    if let name {
      guard let found = files.sessions[name] else {
        throw CredentialError(.notFound, "Profile \(profile.name) names the sso-session \(name), which isn't in \(files.places); add it.")
      }
      session = found
    }
    for option in ["sso_start_url", "sso_region"] {
      if let own = profile[option], let shared = session[option]?.text, own != shared {
        throw CredentialError(
          .malformed, "Profile \(profile.name) and its sso-session differ in \(option); take it out of the profile.")
      }
    }
    let options = { (option: String) in session[option]?.text ?? profile[option] }
    guard let startURL = options("sso_start_url"), let region = options("sso_region"), let account = profile["sso_account_id"],
      let role = profile["sso_role_name"]
    else {
      throw CredentialError(
        .incomplete,
        "Profile \(profile.name) needs all of sso_start_url, sso_region, sso_account_id and sso_role_name; run 'aws configure sso'.")
    }
    (self.startURL, self.region, self.account, self.role) = (startURL, region, account, role)
  }

  /// `what`: "has expired".
  func loginRequired(_ what: String) -> CredentialError {
    CredentialError(.loginRequired, "The SSO session of profile \(profile) \(what); run 'aws sso login --profile \(profile)'.")
  }

  /// The token that the command line keeps.
  func token(_ surroundings: CredentialSurroundings) throws(CredentialError) -> Token {
    guard let path = cachePath(surroundings), let bytes = try SmallFile.read(path) else { throw loginRequired("hasn't been started") }
    guard let json = JSONValue(bytes), let members = json.object, let token = json["accessToken"]?.string,
      let expiresAt = json["expiresAt"]?.string.flatMap(milliseconds(ofISO8601:))
    else { throw loginRequired("has left a token that can't be read") }
    return Token(accessToken: token, expiresAt: expiresAt, members: members)
  }

  /// Another token for `token`, put into the cache; nil where somebody has to sign in for it.
  ///
  /// - Throws: `CredentialError` where nobody can say, as the service can't be reached.
  func renewed(
    _ token: Token, _ main: AWSProfile, _ surroundings: CredentialSurroundings
  ) async throws(CredentialError) -> Token? {
    let now = surroundings.wallClock.now()
    guard name != nil, let id = token["clientId"], let secret = token["clientSecret"], let refresh = token["refreshToken"],
      let registered = token["registrationExpiresAt"].flatMap(milliseconds(ofISO8601:)), registered > now
    else { return nil }
    let body = JSONValue.object([
      .init("clientId", .string(id)), .init("clientSecret", .string(secret)), .init("grantType", .string("refresh_token")),
      .init("refreshToken", .string(refresh)),
    ])
    let request = SourceRequest(
      method: "POST", origin: try ServicePlace.oidc.origin(region: region, main, surroundings), path: "/token",
      fields: [("content-type", "application/json")], body: Array(body.text.utf8))
    let answer = try await surroundings.send(request, to: "IAM Identity Center")
    if answer.isTransient {
      throw CredentialError(
        .unreachable, "IAM Identity Center answers HTTP \(answer.status) to the session of profile \(profile); try again a little later.")
    }
    guard answer.status == 200, let json = JSONValue(answer.body), let accessToken = json["accessToken"]?.string,
      let seconds = json["expiresIn"]?.integer,
      (1...31_536_000).contains(seconds)
    else { return nil }
    // In whole seconds: other tools read the file, and some of them no fractions.
    let end = now / 1_000 * 1_000 + Int64(seconds) * 1_000
    guard let ending = iso8601(milliseconds: end) else { return nil }
    // What else the file holds stays: AWS's command line reads it too. The refresh token is good for one use.
    let fresh: [JSONValue.Member] =
      [
        .init("accessToken", .string(accessToken)), .init("expiresAt", .string(ending)),
      ] + (json["refreshToken"]?.string.map { [.init("refreshToken", .string($0))] } ?? [])
    let replaced = fresh.map(\.name) + ["refreshToken"]
    let members = token.members.filter { !replaced.contains($0.name) } + fresh
    if let path = cachePath(surroundings) { try? SmallFile.replace(path, with: Array(JSONValue.object(members).text.utf8)) }
    return Token(accessToken: accessToken, expiresAt: end, members: members)
  }

  private func cachePath(_ surroundings: CredentialSurroundings) -> String? {
    surroundings["HOME"].map { "\($0)/.aws/sso/cache/\(Self.sha1(name ?? startURL)).json" }
  }

  /// In hex; a name for a file, and no more than that.
  static func sha1(_ text: String) -> String {
    let bytes = Array(text.utf8)
    var digest = [UInt8](repeating: 0, count: 20)
    _ = unsafe SHA1(bytes, bytes.count, &digest)
    return digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
