/// Where a coder stands in the value: the way there, shared with everything below it.
final class CodingPlace: Sendable {
  let key: any CodingKey
  let depth: Int
  private let parent: CodingPlace?

  init(_ key: any CodingKey, in parent: CodingPlace?) {
    self.key = key
    self.parent = parent
    depth = (parent?.depth ?? 0) + 1
  }

  private var keys: [any CodingKey] {
    var keys: [any CodingKey] = []
    var place: CodingPlace? = self
    while let current = place {
      keys.append(current.key)
      place = current.parent
    }
    return keys.reversed()
  }

  /// The keys from the item to `place`, nil standing for the item itself.
  static func path(to place: CodingPlace?) -> [any CodingKey] { place?.keys ?? [] }

  /// The levels of nesting that the service takes, the item included.
  static let deepest = 32
}

/// A key that is only a name or an index.
struct PlainKey: CodingKey {
  let stringValue: String
  let intValue: Int?

  init(stringValue: String) {
    self.stringValue = stringValue
    intValue = nil
  }

  init(intValue: Int) {
    stringValue = "\(intValue)"
    self.intValue = intValue
  }

  static let `super` = PlainKey(stringValue: "super")
}
