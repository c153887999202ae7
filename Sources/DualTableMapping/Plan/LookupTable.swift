import DynamoDBModel

/// A block's lookups, by number.
struct LookupTable: Sendable {
  enum Otherwise: UInt8, BitwiseCopyable { case error, keep, drop, constant }

  private struct Key: BitwiseCopyable {
    let type: AttributeType
    let content: ByteRange
    let to: ByteRange
  }

  private struct Entry: BitwiseCopyable {
    let first: Int32
    let end: Int32
    let otherwise: Otherwise
    let constant: ByteRange
  }

  private var entries: [Entry] = []
  /// Of each lookup by type and content.
  private var keys: [Key] = []
  private var contents = ByteTable()

  /// Adds a lookup, its values to `wire`; returns its number.
  mutating func add(_ lookup: LookupForm, _ wire: inout ByteTable) -> Int {
    let first = keys.count
    let known = lookup.entries.map { (entry: $0, type: $0.from.type, content: $0.from.lookupContent) }
    let sorted = known.sorted { left, right in
      left.type == right.type ? UTF8Text.less(left.content.span, right.content.span) : left.type.rawValue < right.type.rawValue
    }
    for (entry, type, content) in sorted { keys.append(Key(type: type, content: contents.add(content), to: wire.add(entry.to))) }
    let (otherwise, constant): (Otherwise, ByteRange) =
      switch lookup.otherwise {
      case .error: (.error, .none)
      case .keep: (.keep, .none)
      case .drop: (.drop, .none)
      case .constant(let value): (.constant, wire.add(value))
      }
    entries.append(Entry(first: Int32(first), end: Int32(keys.count), otherwise: otherwise, constant: constant))
    return entries.count - 1
  }

  /// The constant that lookup number `number` has for a scalar; nil if it has none.
  func constant(_ number: Int, _ type: AttributeType, _ content: Span<UInt8>) -> ByteRange? {
    var range = Int(entries[number].first)..<Int(entries[number].end)
    // A look into a short table costs less than the steps of a search.
    while range.count > 8 {
      let middle = range.lowerBound + range.count / 2
      let isBelow =
        keys[middle].type == type ? !contents.isLess(content, keys[middle].content) : keys[middle].type.rawValue < type.rawValue
      range = isBelow ? middle..<range.upperBound : range.lowerBound..<middle
    }
    for index in range {
      let key = keys[index]
      if key.type == type && key.content.range.count == content.count && contents.equals(key.content, content) { return key.to }
    }
    return nil
  }

  /// What becomes of values that it doesn't have.
  func otherwise(_ number: Int) -> (Otherwise, constant: ByteRange) { (entries[number].otherwise, entries[number].constant) }
}

extension AttributeValue {
  /// The content by which a lookup knows a scalar, beside its type: text, a canonical number, `1` or `0`, nothing for NULL.
  fileprivate var lookupContent: [UInt8] {
    switch self {
    case .string(let text): return Array(text.utf8)
    case .number(let number): return Array(number.canonicalText.utf8)
    case .bool(let value): return [value ? 1 : 0]
    default: return []
    }
  }
}
