internal import AWSAuth
internal import DynamoDBModel
internal import DynamoDBSimulator
internal import HTTPTransport

/// The access keys that a server knows, as a file or the environment says them.
enum AccessKeyFile {
  private static let example = #"[{"id":"AKIDALICE","secret":"…","user":"alice","policy":{"Statement":[…]}}]"#

  /// Reads a JSON list of keys; `sessionToken`, `expiration` (seconds since 1970 UTC), `user` and `policy` may be left out.
  static func keys(in bytes: [UInt8], path: String) throws(CommandError) -> [AccessKey] {
    guard let list = (try? JSONValue(parsing: bytes.span))?.array else {
      throw CommandError("The access keys in \(path) can't be read: write a JSON list such as \(example).")
    }
    var keys: [AccessKey] = []
    for (index, entry) in list.enumerated() {
      guard let id = entry["id"]?.string, let secret = entry["secret"]?.string else {
        throw CommandError("Access key \(index + 1) in \(path) has no id or no secret: write it as in \(example).")
      }
      do {
        let credentials = try AWSCredentials(
          accessKeyID: id, secretAccessKey: secret, sessionToken: entry["sessionToken"]?.string,
          expiration: entry["expiration"]?.count.map { Int64($0) * 1_000 })
        var policy: [UInt8]?
        if let document = entry["policy"] { policy = text(of: document) }
        keys.append(
          try AccessKey(credentials, user: entry["user"]?.string ?? id, policy: policy.map { String(decoding: $0, as: UTF8.self) }))
      } catch let error as CredentialError {
        throw CommandError("Access key \(index + 1) in \(path): \(error.message)")
      } catch let error as PolicyError {
        throw CommandError("The policy of access key \(index + 1) in \(path) can't be used: \(error.description).")
      } catch {
        throw CommandError("Access key \(index + 1) in \(path) can't be used: \(error).")
      }
    }
    return keys
  }

  /// The key that this process would sign with.
  static func key(in environment: [String: String]) throws(CommandError) -> AccessKey {
    guard let id = environment["AWS_ACCESS_KEY_ID"], let secret = environment["AWS_SECRET_ACCESS_KEY"],
      let credentials = try? AWSCredentials(accessKeyID: id, secretAccessKey: secret, sessionToken: environment["AWS_SESSION_TOKEN"]),
      let key = try? AccessKey(credentials, user: id)
    else {
      throw CommandError(
        "Signatures can't be verified without a key: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give --access-keys.")
    }
    return key
  }

  private static func text(of value: JSONValue) -> [UInt8] {
    var buffer = ByteBuffer()
    value.encode(into: &buffer)
    return (0..<buffer.count).map { buffer[$0] }
  }
}
