internal import ArgumentParsing

/// What can be set of manifests.
enum DeploySettings {
  static let image = Setting.text(
    "image", "image", "The container image that holds the tool.", expects: "an image's name as in registry.example/dualtable:1",
    isRequired: true
  ) { text in
    text.utf8.count <= 1_024 && text.utf8.first.map(isLetterOrDigit) == true
      && text.utf8.allSatisfy { isLetterOrDigit($0) || [0x2D, 0x2E, 0x2F, 0x3A, 0x40, 0x5F].contains($0) }
  }
  static let workers = Setting.number("workers", "Workers at once.", in: 1...1_000, default: "4")
  static let roleARN = Setting.text(
    "role-arn", "arn", "The IAM role that the service account stands for.",
    expects: "a role's ARN as in arn:aws:iam::123456789012:role/migrator"
  ) { text in
    text.hasPrefix("arn:") && text.contains(":role/") && text.utf8.count <= 2_048
      && text.utf8.allSatisfy { isLetterOrDigit($0) || "+=,.@-_/:".utf8.contains($0) }
  }
  static let namespace = Setting.text(
    "namespace", "name", "The namespace of everything that is made.",
    expects: "a namespace, of at most 63 lower-case letters, digits and '-'"
  ) { text in
    (1...63).contains(text.utf8.count) && text.utf8.allSatisfy { isLowerCaseOrDigit($0) || $0 == 0x2D } && !text.hasPrefix("-")
      && !text.hasSuffix("-")
  }

  static let tables = SettingGroup(
    "tables",
    SharedSettings.tables.declarations + [SharedSettings.requiredControl.declaration])
  /// Whose credentials the workers have is the engine's to say.
  static let places = SettingGroup(
    "where the tables are",
    [
      SharedSettings.endpoint, SharedSettings.oldEndpoint, SharedSettings.newEndpoint, SharedSettings.region, SharedSettings.oldRegion,
      SharedSettings.newRegion,
    ].map(\.declaration))
  /// What the workers are told as it is told here.
  static let passedOn = [
    BackfillSettings.readBudget.declaration, BackfillSettings.writeBudget.declaration, BackfillSettings.writeMode.declaration,
    BackfillSettings.eventual.declaration, RunSettings.segments.declaration, RunSettings.openSegments.declaration,
    RunSettings.connections.declaration, BackfillSettings.memoryLimit.declaration, BackfillSettings.payload.declaration,
  ]
  static let backfill = SettingGroup("the backfill", passedOn)
  static func isLowerCaseOrDigit(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) }
  private static func isLetterOrDigit(_ byte: UInt8) -> Bool { isLowerCaseOrDigit(byte) || (0x41...0x5A).contains(byte) }
}
