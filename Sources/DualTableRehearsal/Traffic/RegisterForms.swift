package import DynamoDBClient
package import DynamoDBModel

/// How the two tables store what a history calls a key and its value: which requests clients make, and what items tell.
package protocol RegisterForms: Sendable {
  /// NEW's name.
  var newTable: String { get }

  /// The key in NEW of what a history calls `name`.
  func newKey(_ name: String) -> Item

  /// True if OLD can have an item of this key, so that in phases 1 and 2 a write goes there.
  func isInOld(_ name: String) -> Bool

  /// What a history calls the value of an item of NEW's; an item that is none of a client's has a value that is none's.
  func newValue(_ item: Item?, of name: String) -> String?
  /// Likewise of OLD's.
  func oldValue(_ item: Item?, of name: String) -> String?

  /// What a write asks of NEW.
  func newRequest(_ call: Call) -> RegisterWrite
  /// What it asks of OLD; nil for a write that OLD's format has no room for.
  func oldRequest(_ call: Call) -> RegisterWrite?
}

/// One write of one item.
package enum RegisterWrite: Sendable {
  case put(PutItemInput)
  case update(UpdateItemInput)
  case delete(DeleteItemInput)
}
