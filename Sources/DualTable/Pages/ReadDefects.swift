/// Ways to get merged reads wrong, for the tests that must catch them: those in which published attempts at such migrations failed.
package struct ReadDefects: OptionSet, Sendable, Hashable {
  package let rawValue: Int

  package init(rawValue: Int) { self.rawValue = rawValue }

  /// An item of NEW's that the filter drops doesn't shadow OLD's.
  package static let filterBeforeShadowing = ReadDefects(rawValue: 1 << 0)
  /// Once NEW's stream has ended, later pages don't look whether it grew.
  package static let newStreamNotReopened = ReadDefects(rawValue: 1 << 1)
  /// Tombstones are handed out.
  package static let tombstoneOut = ReadDefects(rawValue: 1 << 2)
  /// The cursor goes past an OLD item of whose items only some were handed out.
  package static let oldItemNotWhole = ReadDefects(rawValue: 1 << 3)
  /// Two items with one index key are taken for one.
  package static let indexTies = ReadDefects(rawValue: 1 << 4)
  /// NEW's index alone says what NEW has; it may not have caught up with its table.
  package static let indexLag = ReadDefects(rawValue: 1 << 5)
}
