internal import AWSAuth
internal import DualTableBackfill

/// The ARNs of a migration's tables and of all their indexes.
struct ResourceNames: Sendable {
  /// Where a table is; what its name doesn't say when it isn't an ARN.
  struct Place: Sendable {
    let region: String
    let account: String
  }

  private let old: String
  private let new: String
  /// Nil where there is no control table.
  private let control: String?

  /// - Throws: `CommandError` for an ARN that isn't one of a table's.
  init(
    old: String, new: String, control: String?, oldPlace: () throws(CommandError) -> Place, newPlace: () throws(CommandError) -> Place
  ) throws(CommandError) {
    self.old = try Self.arn(old, oldPlace)
    self.new = try Self.arn(new, newPlace)
    self.control = try control.map { (name) throws(CommandError) in try Self.arn(name, newPlace) }
  }

  subscript(resource: Permission.Resource) -> String {
    switch resource {
    case .old: old
    case .oldIndexes: "\(old)/index/*"
    case .new: new
    case .newIndexes: "\(new)/index/*"
    case .control: control ?? ""
    }
  }

  private static func arn(_ table: String, _ place: () throws(CommandError) -> Place) throws(CommandError) -> String {
    guard table.hasPrefix("arn:") else {
      let place = try place()
      return "arn:\(AWSPartition.of(region: place.region).name):dynamodb:\(place.region):\(place.account):table/\(table)"
    }
    let parts = table.split(separator: ":", omittingEmptySubsequences: false)
    let path = parts.last?.split(separator: "/", omittingEmptySubsequences: false) ?? []
    // A stray `*` would make the policy speak of more than the table.
    let isPlain = table.utf8.allSatisfy { $0 != UInt8(ascii: "*") && $0 != UInt8(ascii: "?") }
    guard parts.count == 6, parts[2] == "dynamodb", path.count == 2, path[0] == "table", isPlain else {
      throw CommandError("\(table) isn't the ARN of a table; give one as in arn:aws:dynamodb:eu-central-1:123456789012:table/users.")
    }
    return table
  }
}
