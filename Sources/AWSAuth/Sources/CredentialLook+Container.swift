internal import DynamoDBModel
internal import HTTPTransport

extension CredentialLook {
  /// What the container's own service gives (ECS, EKS and whatever else sets its variables), nil where none is named.
  func container() async throws(CredentialError) -> AWSCredentials? {
    let place: (origin: HTTPOrigin, path: String)
    if let path = surroundings["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] {
      guard path.hasPrefix("/"), Self.isPath(path) else {
        throw CredentialError(.malformed, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is no path; it begins with a slash.")
      }
      place = (HTTPOrigin(isSecure: false, host: "169.254.170.2"), path)
    } else if let uri = surroundings["AWS_CONTAINER_CREDENTIALS_FULL_URI"] {
      place = try Self.place(uri)
    } else {
      return nil
    }
    var request = SourceRequest(origin: place.origin, path: place.path)
    request.isLocal = !place.origin.isSecure
    request.timeouts = HTTPTimeouts(connect: .seconds(2), idle: .seconds(2), total: .seconds(5))
    if let token = try containerToken() { request.fields = [("authorization", token)] }
    let answer = try await surroundings.send(request, to: "the container's credential service")
    let json = JSONValue(answer.body)
    guard answer.status == 200 else {
      throw CredentialError(
        answer.isTransient ? .unreachable : .denied,
        "The container's credential service answers HTTP \(answer.status); check the task's role or the pod's identity.")
    }
    guard let given = GivenCredentials(json: json, tokenName: "Token") else {
      throw CredentialError(.badAnswer, "What the container's credential service answers is no JSON object; check its address.")
    }
    return try given.checked(from: "the container's credential service")
  }

  /// Read at each refresh: who writes the file changes it.
  private func containerToken() throws(CredentialError) -> String? {
    guard let path = surroundings["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] else {
      return surroundings["AWS_CONTAINER_AUTHORIZATION_TOKEN"]
    }
    guard let bytes = try SmallFile.read(path) else {
      throw CredentialError(.notFound, "There is no token file \(path) (AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE); check the path.")
    }
    return INIFile.trimming(String(decoding: bytes, as: UTF8.self))
  }

  /// Where a full URI leads, if a token may be sent there: over TLS anywhere, else to this machine and the two services beside it alone.
  private static func place(_ uri: String) throws(CredentialError) -> (HTTPOrigin, String) {
    let authorityEnd = uri.firstRange(of: "://").flatMap { uri[$0.upperBound...].firstIndex { "/?".contains($0) } } ?? uri.endIndex
    let path = uri[authorityEnd...]
    let origin: HTTPOrigin
    do {
      origin = try HTTPOrigin(endpointURL: String(uri[..<authorityEnd]))
    } catch {
      throw CredentialError(.malformed, "AWS_CONTAINER_CREDENTIALS_FULL_URI can't be used. \(error.description)")
    }
    guard isPath(String(path)) else {
      throw CredentialError(.malformed, "AWS_CONTAINER_CREDENTIALS_FULL_URI holds a blank or a character outside ASCII; escape it.")
    }
    let beside = ["169.254.170.2", "169.254.170.23", "fd00:ec2::23"]
    guard origin.isSecure || origin.isLoopback || beside.contains(origin.host.lowercased()) else {
      throw CredentialError(
        .malformed,
        "AWS_CONTAINER_CREDENTIALS_FULL_URI leads to \(origin.host) without TLS; give https, or an address of this machine or its container service."
      )
    }
    return (origin, path.hasPrefix("/") ? String(path) : "/\(path)")
  }

  private static func isPath(_ text: String) -> Bool { text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } }
}
