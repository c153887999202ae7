/// A table or an index, and its name among all of AWS's resources.
struct ResourceName: Sendable, Hashable {
  /// The simulator's only account and region.
  static let prefix = "arn:aws:dynamodb:local:000000000000:table/"

  let table: String
  /// nil: the table itself.
  var index: String?

  var arn: String { Self.prefix + table + (index.map { "/index/\($0)" } ?? "") }
}
