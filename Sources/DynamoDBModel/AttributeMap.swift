/// An item: its attributes by name. A nested map and an item are the same thing.
public typealias Item = AttributeMap

/// Named values in the order in which they were added; an item, or a value of type `M`.
///
/// Equality and hash don't look at the order. Names differ if their bytes do.
public struct AttributeMap: Sendable {
  /// One attribute.
  public typealias Element = (name: String, value: AttributeValue)

  private var entries: [Element]
  /// Where each name stands; only for maps with more names than a walk is good for.
  private var places: [Name: Int]?

  /// A name that is equal to another one if its bytes are.
  internal struct Name: Hashable {
    let text: String
    static func == (left: Name, right: Name) -> Bool { UTF8Text.equal(left.text, right.text) }
    func hash(into hasher: inout Hasher) { UTF8Text.hash(text, into: &hasher) }
  }

  private static let walkLimit = 16

  /// An empty map.
  public init() { entries = [] }

  /// The attributes in this order; of those with one name the last value counts, at the place of the first.
  public init(_ attributes: some Sequence<Element>) {
    self.init()
    entries.reserveCapacity(attributes.underestimatedCount)
    for (name, value) in attributes { self[name] = value }
  }

  /// Attributes whose names are known to differ.
  internal init(distinct entries: [Element]) {
    self.entries = entries
    indexIfLarge()
  }

  /// The attributes.
  public var count: Int { entries.count }
  /// True without any attribute.
  public var isEmpty: Bool { entries.isEmpty }
  /// The names, in order.
  public var names: [String] { entries.map(\.name) }

  /// The value called `name`; nil takes it away, a new name goes to the end.
  public subscript(name: String) -> AttributeValue? {
    get { place(of: name).map { entries[$0].value } }
    set {
      switch (place(of: name), newValue) {
      case (let place?, let value?): entries[place].value = value
      case (let place?, nil):
        entries.remove(at: place)
        places = nil
        indexIfLarge()
      case (nil, let value?):
        entries.append((name, value))
        if places != nil { places?[Name(text: name)] = entries.count - 1 } else { indexIfLarge() }
      case (nil, nil): break
      }
    }
  }

  private func place(of name: String) -> Int? {
    if let places { return places[Name(text: name)] }
    // By index, so that no value is copied for the sake of its name.
    return entries.indices.first { UTF8Text.equal(entries[$0].name, name) }
  }

  private mutating func indexIfLarge() {
    guard entries.count > Self.walkLimit else { return }
    var places: [Name: Int] = [:]
    places.reserveCapacity(entries.count)
    for (place, entry) in entries.enumerated() { places[Name(text: entry.name)] = place }
    self.places = places
  }
}

extension AttributeMap: Sequence {
  /// The attributes in order.
  public func makeIterator() -> IndexingIterator<[Element]> { entries.makeIterator() }
  /// How many there are.
  public var underestimatedCount: Int { entries.count }
}

extension AttributeMap: Hashable {
  /// The same names with equal values, in any order.
  public static func == (left: AttributeMap, right: AttributeMap) -> Bool {
    left.count == right.count && left.entries.allSatisfy { right[$0.name] == $0.value }
  }

  /// Hashes names and values without regard to order.
  public func hash(into hasher: inout Hasher) {
    var sum = 0
    for (name, value) in entries {
      var each = hasher
      UTF8Text.hash(name, into: &each)
      each.combine(value)
      sum &+= each.finalize()
    }
    hasher.combine(sum)
  }
}

extension AttributeMap: ExpressibleByDictionaryLiteral {
  /// The attributes in this order.
  public init(dictionaryLiteral elements: (String, AttributeValue)...) {
    self.init()
    entries.reserveCapacity(elements.count)
    for (name, value) in elements { self[name] = value }
  }
}
