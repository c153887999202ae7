/// What signs requests: an access key, and for temporary credentials a session token and the time they end.
///
/// Never printable: description, debug description, `dump` and reflection show the access key's id (which AWS prints in its own logs) and
/// nothing else.
public struct AWSCredentials: Sendable, Equatable {
  /// The key's id, as in `AKIA…`.
  public let accessKeyID: String
  package let secretAccessKey: String
  package let sessionToken: String?
  /// When they end, in milliseconds since 1970 UTC; nil for credentials that don't expire.
  public let expiration: Int64?

  /// Makes credentials of their parts.
  ///
  /// - Parameters:
  ///   - accessKeyID: the key's id.
  ///   - secretAccessKey: the key itself.
  ///   - sessionToken: for temporary credentials. Default none.
  ///   - expiration: in milliseconds since 1970 UTC. Default never.
  /// - Throws: `CredentialError` of code `malformed` where a part is empty or holds a blank, a control character or anything outside
  ///   ASCII: pasted line ends are the usual cause, and the parts travel in header fields.
  public init(
    accessKeyID: String, secretAccessKey: String, sessionToken: String? = nil, expiration: Int64? = nil
  ) throws(CredentialError) {
    try Self.check(accessKeyID, "access key id")
    try Self.check(secretAccessKey, "secret access key")
    if let sessionToken { try Self.check(sessionToken, "session token") }
    self.accessKeyID = accessKeyID
    self.secretAccessKey = secretAccessKey
    self.sessionToken = sessionToken
    self.expiration = expiration
  }

  /// Checks a part, and names the variable or file that it was read from if it is none.
  static func check(_ part: String, _ name: String, readFrom source: String? = nil) throws(CredentialError) {
    let origin = source.map { " It was read from \($0)." } ?? ""
    if part.isEmpty { throw CredentialError(.malformed, "The \(name) is empty; set it or leave it out.\(origin)") }
    if !part.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) {
      throw CredentialError(
        .malformed,
        "The \(name) holds a blank, a line end or a character outside ASCII; copy it again without what surrounds it.\(origin)")
    }
  }
}

extension AWSCredentials: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  public var description: String { "AWSCredentials(accessKeyID: \(accessKeyID), the rest hidden)" }
  public var debugDescription: String { description }
  public var customMirror: Mirror { Mirror(self, children: ["accessKeyID": accessKeyID], displayStyle: .struct) }
}
