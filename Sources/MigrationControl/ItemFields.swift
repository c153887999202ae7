package import DynamoDBModel

/// Reads an item of the control table field by field; what is missing or of another type is a damaged item.
package struct ItemFields {
  package let item: Item
  /// What the item is, as errors name it.
  package let what: String

  package init(item: Item, what: String) {
    self.item = item
    self.what = what
  }

  package func text(_ name: String) throws(MigrationControlError) -> String {
    guard let value = item[name]?.stringValue else { throw damaged(name) }
    return value
  }

  package func integer<Number: FixedWidthInteger>(_ name: String) throws(MigrationControlError) -> Number {
    guard let value = try integerIfThere(name) as Number? else { throw damaged(name) }
    return value
  }

  package func integerIfThere<Number: FixedWidthInteger>(_ name: String) throws(MigrationControlError) -> Number? {
    guard let field = item[name] else { return nil }
    // What is read here is added to and added up: no number that this kit writes comes near to where that would overflow.
    guard let number = field.numberValue, let value = Number(exactly: number), value.magnitude <= 1 << 53 else { throw damaged(name) }
    return value
  }

  /// False where it is missing.
  package func flag(_ name: String) throws(MigrationControlError) -> Bool {
    guard let field = item[name] else { return false }
    guard let value = field.boolValue else { throw damaged(name) }
    return value
  }

  package func map(_ name: String) throws(MigrationControlError) -> ItemFields? {
    guard let field = item[name] else { return nil }
    guard let value = field.mapValue else { throw damaged(name) }
    return ItemFields(item: value, what: what)
  }

  package func phase(_ name: String) throws(MigrationControlError) -> MigrationPhase {
    guard let phase = MigrationPhase(name: try text(name)) else { throw damaged(name) }
    return phase
  }

  package func damaged(_ name: String) -> MigrationControlError {
    MigrationControlError(
      .damaged, "The control table's \(what) has no \(name) that this version of the kit reads: look who else writes to the table.")
  }
}
