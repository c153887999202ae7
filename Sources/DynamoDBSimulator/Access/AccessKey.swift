public import AWSAuth

/// An access key that a simulated service knows: whose it is, and what its owner may do.
public struct AccessKey: Sendable {
  /// What requests must be signed with; a session token and an end are part of it where they are set.
  public let credentials: AWSCredentials
  /// The owner's name, which refusals spell out as `arn:aws:iam::000000000000:user/NAME`.
  public let user: String
  /// The owner's identity policy; nil: everything is allowed that no resource policy denies.
  let policy: AccessPolicy?

  /// Makes a key.
  ///
  /// - Parameters:
  ///   - user: the owner's name. Default `test`.
  ///   - policy: an identity policy in IAM's JSON, without conditions. Default nil: the owner may do everything.
  /// - Throws: `PolicyError` where the policy can't be read.
  public init(_ credentials: AWSCredentials, user: String = "test", policy: String? = nil) throws(PolicyError) {
    self.credentials = credentials
    self.user = user
    do {
      self.policy = try policy.map { (text) throws(ServiceError) in try AccessPolicy(text, ofResource: false) }
    } catch {
      throw PolicyError(description: error.message)
    }
  }

  var userARN: String { "arn:aws:iam::000000000000:user/\(user)" }
}

/// Why a policy can't be read.
public struct PolicyError: Error, Sendable, CustomStringConvertible {
  public let description: String
}
