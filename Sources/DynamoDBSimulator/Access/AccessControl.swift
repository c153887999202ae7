internal import AWSAuth

/// What each caller may do: the identity policies of the access keys and the resource policies of the tables.
struct AccessControl: Sendable {
  /// The keys that are known; empty: every key is, and its owner may do everything that no resource policy denies.
  private(set) var keys: [String: AccessKey] = [:]
  /// The resource policies by table name.
  var resourcePolicies: [String: AccessPolicy] = [:]

  mutating func add(_ key: AccessKey) { keys[key.credentials.accessKeyID] = key }

  /// True where no policy can deny anything, so that nobody need ask.
  var isOpen: Bool { keys.isEmpty && resourcePolicies.isEmpty }

  /// The refusal of what a policy denies, or none allows; nil if it may be done.
  func refusal(to caller: Caller, _ action: String, on table: String, index: String? = nil) -> ServiceError? {
    refusal(to: caller, action, resource: ResourceName(table: table, index: index).arn, policy: resourcePolicies[table])
  }

  /// The refusal of an action on no single table, such as ListTables.
  func refusal(to caller: Caller, _ action: String) -> ServiceError? {
    refusal(to: caller, action, resource: "arn:aws:dynamodb:local:000000000000:*", policy: nil)
  }

  private func refusal(to caller: Caller, _ action: String, resource: String, policy: AccessPolicy?) -> ServiceError? {
    let key = keys[caller.accessKeyID]
    let user = key?.userARN ?? "arn:aws:iam::000000000000:user/\(caller.accessKeyID.isEmpty ? "anonymous" : caller.accessKeyID)"
    let byIdentity = key.map { $0.policy?.verdict(action, on: resource, by: []) ?? .allowed } ?? .allowed
    let byResource = policy?.verdict(action, on: resource, by: [user, "*", "000000000000", "arn:aws:iam::000000000000:root"]) ?? .silent
    let words = "User: \(user) is not authorized to perform: \(action) on resource: \(resource)"
    switch (byIdentity, byResource) {
    case (.denied, _): return Self.denied("\(words) with an explicit deny in an identity-based policy")
    case (_, .denied): return Self.denied("\(words) with an explicit deny in a resource-based policy")
    case (.silent, .silent): return Self.denied("\(words) because no identity-based policy allows the \(action) action")
    case (.allowed, _), (_, .allowed): return nil
    }
  }

  private static func denied(_ message: String) -> ServiceError {
    ServiceError(type: "com.amazon.coral.service#AccessDeniedException", message: message)
  }
}
