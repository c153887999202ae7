internal import DualTableMapping
internal import DynamoDBModel

/// One item that the rehearsed service works with, in both tables' formats: what a history calls a key.
struct Register: Sendable {
  /// As histories call it: unique, and readable where the key is text.
  let name: String
  let newKey: Item
  /// The item in NEW without a client's mark, as the mapping yields it.
  let newItem: Item
  /// The item in OLD without a mark.
  let oldItem: Item
  let oldKey: Item
  /// True if a mark on OLD's item is seen on NEW's, so that clients can write it in the old format, too.
  let isMarkedByOld: Bool
  /// What its history begins with; nil: OLD has no such item at first.
  let initial: String?
}

extension Register {
  /// The registers of one item of OLD, at most one: a mark of OLD's on it says who wrote it.
  ///
  /// - Parameters:
  ///   - mark: the attribute that clients write their value to.
  ///   - number: of the item; names its first value, and picks one of the items that it becomes.
  ///   - isThere: OLD has it when the rehearsal begins.
  init?(_ item: Item, number: Int, isThere: Bool, in catalog: CatalogRules) {
    let mapping = catalog.mapping
    var marked = item
    marked[catalog.mark] = "?"
    guard let plain = try? mapping.checkedConvert(item), !plain.isEmpty, let keyOfOld = mapping.oldSchema.key(of: item) else { return nil }
    let carriers =
      (try? mapping.checkedConvert(marked))?.filter { $0[catalog.mark] == "?" }.compactMap { mapping.newSchema.key(of: $0) } ?? []
    func carries(_ item: Item) -> Bool { mapping.newSchema.key(of: item).map(carriers.contains) ?? false }
    // One in four shows an item that the service never writes by OLD, if there is one.
    let others = plain.filter { !carries($0) }
    let chosen = number % 4 == 0 ? others.first ?? plain.first(where: carries) : plain.first(where: carries) ?? others.first
    guard let chosen, let key = mapping.newSchema.key(of: chosen) else { return nil }
    name = mapping.newSchema.attributes.map { Self.text(key[$0.name]) }.joined(separator: "|")
    (newKey, newItem, oldItem, oldKey) = (key, chosen, item, keyOfOld)
    isMarkedByOld = carries(chosen)
    initial = isThere ? "o-\(number)" : nil
  }

  /// A register on the way back, under its name: what stood in NEW is what goes, and the inverse's item is what comes.
  ///
  /// Nil where the inverse doesn't bring it back with a client's mark, and so for all but the primary item of several.
  init?(returning register: Register, by rules: CatalogRules) {
    var marked = register.newItem
    marked[rules.mark] = "?"
    guard register.isMarkedByOld, let plain = try? rules.mapping.checkedConvert(register.newItem), plain.count == 1,
      let back = try? rules.mapping.checkedConvert(marked), back.count == 1, back[0][rules.mark] == "?",
      let key = rules.mapping.newSchema.key(of: plain[0]), rules.mapping.newSchema.key(of: back[0]) == key
    else { return nil }
    (name, initial, isMarkedByOld) = (register.name, register.initial, true)
    (newKey, newItem, oldItem, oldKey) = (key, plain[0], register.newItem, register.newKey)
  }

  private static func text(_ value: AttributeValue?) -> String {
    switch value {
    case .string(let text)?: text
    case .number(let number)?: number.canonicalText
    case .binary(let bytes)?: bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    default: ""
    }
  }
}
