internal import DualTableMapping
internal import DualTableScan
internal import DynamoDBModel
internal import HTTPTransport
internal import Synchronization

/// A table's own items from a file: a line of DynamoDB JSON each, as it is or as an export to S3 has it.
struct ItemFile {
  private(set) var items: [Item] = []

  /// What a rehearsal holds of an item besides the item: its places in two tables, in the history, and here.
  private static let overhead = 2_500
  /// How many times it holds an item: here, in both tables, and on its way.
  private static let copies = 4

  /// Reads the items, the first `limit` of them.
  ///
  /// - Parameter memory: bytes that a rehearsal may take; nil if nobody knows.
  /// - Throws: `CommandError` with the line that is none, that the old table wouldn't take, or with which they are too many.
  init(_ path: String, _ mapping: any TableMapping, limit: Int?, memory: Int?) throws(CommandError) {
    guard File.exists(path) else { throw CommandError("There is no file \(path) of items; check its name.") }
    let place = Mutex(0)
    var lines = InputLines { () throws(CommandError) in
      let chunk = try Self.read(path, at: place.withLock { $0 })
      place.withLock { $0 += chunk.count }
      return chunk
    }
    let keys = ItemKeys(mapping)
    var places: [Item: Int] = [:]
    var number = 0
    var needed = 0
    while items.count < limit ?? .max, let line = try lines.next() {
      number += 1
      guard case .bytes(let bytes) = line else { throw Self.error(path, number, "has more bytes than any item.") }
      if bytes.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { continue }
      guard let item = Self.item(bytes, keys) else {
        throw Self.error(path, number, #"is no item in DynamoDB JSON; it looks like {"id":{"S":"u-1"}} or {"Item":{"id":{"S":"u-1"}}}."#)
      }
      if let objection = keys.objection(to: item) { throw Self.error(path, number, objection) }
      guard let key = mapping.oldSchema.key(of: item) else { throw Self.error(path, number, "has no key of the old table.") }
      if let other = places.updateValue(number, forKey: key) { throw Self.error(path, number, "has the key of line \(other) again.") }
      needed += Self.overhead + Self.copies * item.sizeInBytes
      if let memory, needed > memory {
        throw CommandError(
          "The file \(path) holds more than fits into memory: \(Figures.decimal(Double(memory) / 1e6, places: 1)) MB are free, which a rehearsal of its first "
            + "\(Figures.count(items.count, "item")) takes; rehearse fewer with --items, or make room.")
      }
      items.append(item)
    }
    if items.isEmpty { throw CommandError("The file \(path) holds no items.") }
  }

  private static func error(_ path: String, _ line: Int, _ what: String) -> CommandError {
    CommandError("Line \(line) of \(path) \(what)")
  }

  private static func read(_ path: String, at offset: Int) throws(CommandError) -> [UInt8] {
    do throws(StateError) {
      let file = try File(path, .read)
      try file.requireLength()
      var bytes = ByteBuffer()
      try file.read(at: offset, 1 << 20, into: &bytes)
      return (0..<bytes.count).map { bytes[$0] }
    } catch {
      throw CommandError(error.description)
    }
  }

  /// The item on a line; nil if there is none.
  private static func item(_ bytes: [UInt8], _ keys: ItemKeys) -> Item? {
    // An item whose only attribute is called Item is one as it is, if the table is keyed by it.
    let plain = try? Item(wire: bytes.span)
    if let plain, keys.objection(to: plain) == nil { return plain }
    guard let line = try? JSONValue(parsing: bytes.span), let inner = line["Item"] else { return plain }
    var wire = ByteBuffer()
    inner.encode(into: &wire)
    return (try? Item(wire: wire.span)) ?? plain
  }
}

/// What the old table asks of an item's keys, its indexes' included.
private struct ItemKeys {
  private let schema: KeySchema
  private let indexed: [KeySchema.Attribute]

  init(_ mapping: any TableMapping) {
    schema = mapping.oldSchema
    indexed = (mapping as? CompiledMapping)?.indexes.old.flatMap(\.keys.attributes) ?? []
  }

  /// Why the table wouldn't take an item; nil if it would.
  func objection(to item: Item) -> String? {
    for attribute in schema.attributes {
      guard let value = item[attribute.name], value.type == AttributeType(attribute.type) else {
        return "lacks the old table's key attribute \(attribute.name) (\(attribute.type.rawValue))."
      }
      guard (try? KeySchema.check(length: value.sizeInBytes, of: value.type, isHash: attribute == schema.hash)) != nil else {
        return "has an empty or too long key attribute \(attribute.name)."
      }
    }
    for attribute in indexed {
      guard let value = item[attribute.name] else { continue }
      let isRight =
        value.type == AttributeType(attribute.type)
        && (try? KeySchema.check(length: value.sizeInBytes, of: value.type, isHash: true)) != nil
      if !isRight {
        return "has an attribute \(attribute.name) that the old table's index can't take: a key of it is \(attribute.type.rawValue)."
      }
    }
    return item.sizeInBytes > Item.largestSize ? "is larger than 400 KB." : nil
  }
}
