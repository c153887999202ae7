internal import DynamoDBModel

/// Reads an item of the control table field by field; what is missing or of another type is a damaged item.
internal struct ItemFields {
  internal let item: Item
  /// What the item is, as errors name it.
  internal let what: String

  internal func text(_ name: String) throws(MigrationControlError) -> String {
    guard let value = item[name]?.stringValue else { throw damaged(name) }
    return value
  }

  internal func integer<Number: FixedWidthInteger>(_ name: String) throws(MigrationControlError) -> Number {
    guard let value = try integerIfThere(name) as Number? else { throw damaged(name) }
    return value
  }

  internal func integerIfThere<Number: FixedWidthInteger>(_ name: String) throws(MigrationControlError) -> Number? {
    guard let field = item[name] else { return nil }
    guard let number = field.numberValue, let value = Number(exactly: number) else { throw damaged(name) }
    return value
  }

  /// False where it is missing.
  internal func flag(_ name: String) throws(MigrationControlError) -> Bool {
    guard let field = item[name] else { return false }
    guard let value = field.boolValue else { throw damaged(name) }
    return value
  }

  internal func map(_ name: String) throws(MigrationControlError) -> ItemFields? {
    guard let field = item[name] else { return nil }
    guard let value = field.mapValue else { throw damaged(name) }
    return ItemFields(item: value, what: what)
  }

  internal func phase(_ name: String) throws(MigrationControlError) -> MigrationPhase {
    guard let phase = MigrationPhase(name: try text(name)) else { throw damaged(name) }
    return phase
  }

  internal func damaged(_ name: String) -> MigrationControlError {
    MigrationControlError(
      .damaged, "The control table's \(what) has no \(name) that this version of the kit reads: look who else writes to the table.")
  }
}
