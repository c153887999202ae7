internal import DynamoDBModel

/// Credentials as a source wrote them down, before anybody has looked at them.
struct GivenCredentials {
  var accessKeyID: String?
  var secretAccessKey: String?
  var sessionToken: String?
  /// By ISO 8601.
  var expiration: String?

  /// The credentials; `source` is for sentences: "STS".
  ///
  /// - Throws: `CredentialError` of code `badAnswer`.
  func checked(from source: String, mustExpire: Bool = false) throws(CredentialError) -> AWSCredentials {
    guard let accessKeyID, let secretAccessKey else {
      throw CredentialError(.badAnswer, "What \(source) answered holds no credentials; check that it is what it should be.")
    }
    var end: Int64?
    if let expiration {
      end = milliseconds(ofISO8601: expiration)
      if end == nil { throw CredentialError(.badAnswer, "What \(source) answered ends at no time that can be read; check its form.") }
    } else if mustExpire {
      throw CredentialError(.badAnswer, "What \(source) answered doesn't say when it ends; check that it is what it should be.")
    }
    do {
      return try AWSCredentials(
        accessKeyID: accessKeyID, secretAccessKey: secretAccessKey, sessionToken: sessionToken, expiration: end)
    } catch {
      throw CredentialError(.badAnswer, "What \(source) answered can't be used. \(error.message)")
    }
  }

  /// Members of a JSON object, by the names that containers, instances and programs use; nil where it is none.
  init?(json: JSONValue?, tokenName: String) {
    guard let json, json.object != nil else { return nil }
    accessKeyID = json["AccessKeyId"]?.string
    secretAccessKey = json["SecretAccessKey"]?.string
    // What is there but isn't a text is none that can be used: taken for nothing, credentials would never end.
    func text(_ name: String) -> String? { json[name].flatMap { $0 == .null ? nil : $0.string ?? "" } }
    sessionToken = text(tokenName)
    expiration = text("Expiration")
  }

  init(accessKeyID: String?, secretAccessKey: String?, sessionToken: String?, expiration: String?) {
    self.accessKeyID = accessKeyID
    self.secretAccessKey = secretAccessKey
    self.sessionToken = sessionToken
    self.expiration = expiration
  }
}

extension JSONValue {
  /// A whole JSON text, nil for anything else.
  init?(_ bytes: [UInt8]) {
    guard let value = try? JSONValue(parsing: bytes.span) else { return nil }
    self = value
  }
}
