internal import DynamoDBModel
internal import HTTPTransport

/// How the keys of a table or an index are found in items and brought into a form whose bytes sort as the keys do.
struct KeyForm: Sendable {
  let schema: KeySchema
  private let hashName: [UInt8]
  private let rangeName: [UInt8]?

  init(_ schema: KeySchema) {
    self.schema = schema
    hashName = Array(schema.hash.name.utf8)
    rangeName = schema.range.map { Array($0.name.utf8) }
  }

  /// The nodes of the key attributes in an item; 0 where there is none.
  func nodes(_ tape: borrowing ItemTape, _ bytes: Span<UInt8>) -> (hash: Int, range: Int) {
    let hash = tape.child(named: hashName.span, bytes) ?? 0
    guard let rangeName else { return (hash, 0) }
    return (hash, tape.child(named: rangeName.span, bytes) ?? 0)
  }

  /// The place of an item whose key attributes are these; they were judged before.
  func place(_ nodes: (hash: Int, range: Int), _ tape: borrowing ItemTape, _ bytes: Span<UInt8>, _ scratch: inout ByteBuffer) -> Place {
    var key: [UInt8] = []
    let hash = Self.appendHash(of: nodes.hash, tape, bytes, to: &key, &scratch)
    if schema.range != nil { Self.append(nodes.range, tape, bytes, to: &key, &scratch) }
    return Place(hash: hash, key: key)
  }

  /// Appends a partition key's form to `key` and returns its hash.
  static func appendHash(
    of node: Int, _ tape: borrowing ItemTape, _ bytes: Span<UInt8>, to key: inout [UInt8], _ scratch: inout ByteBuffer
  ) -> UInt64 {
    scratch.removeAll()
    tape.appendKeyContent(of: node, bytes, to: &scratch)
    key.append(terminated: scratch.span)
    return PartitionHash.hash(scratch.span)
  }

  /// Appends the form of a key attribute to `key`.
  static func append(_ node: Int, _ tape: borrowing ItemTape, _ bytes: Span<UInt8>, to key: inout [UInt8], _ scratch: inout ByteBuffer) {
    scratch.removeAll()
    tape.appendKeyContent(of: node, bytes, to: &scratch)
    key.append(terminated: scratch.span)
  }
}

extension [UInt8] {
  /// Appends `content` so that what follows it can't change the order: zeros doubled by a 255, two zeros at the end.
  mutating func append(terminated content: Span<UInt8>) {
    append(escaped: content)
    append(0)
    append(0)
  }

  /// The same without its end: what the form of everything that begins with `content` begins with.
  mutating func append(escaped content: Span<UInt8>) {
    reserveCapacity(count + content.count + 2)
    for index in 0..<content.count {
      append(content[index])
      if content[index] == 0 { append(0xFF) }
    }
  }
}

extension ItemTape {
  /// Appends what a key attribute's value is hashed and sorted by: its text in UTF-8, its bytes, or a form of its number.
  func appendKeyContent(of index: Int, _ bytes: Span<UInt8>, to out: inout ByteBuffer) {
    switch self[index].type {
    case .number: decimal(of: index, bytes).appendSortable(to: &out)
    case .binary: appendBinary(of: index, bytes, to: &out)
    default: appendContent(of: index, bytes, to: &out)
    }
  }
}

extension Decimal38 {
  /// Appends bytes that sort as the numbers do: a byte for sign and power of a hundred, then the digits by pairs.
  func appendSortable(to out: inout ByteBuffer) {
    guard digits != 0 else { return out.append(0x80) }
    let whole = exponent + digits
    let leads = whole & 1
    let power = UInt8(truncatingIfNeeded: (whole + leads) / 2 - 64)
    out.append(isNegative ? ~power : power)
    func pair(_ value: UInt8) -> UInt8 { isNegative ? 101 - value : value + 1 }
    let start = out.count
    let pairs = (digits + leads + 1) / 2
    for _ in 0..<pairs { out.append(0) }
    var index = start + pairs - 1
    var rest = coefficient
    if (digits + leads) & 1 == 1 {
      out[index] = pair(UInt8(rest % 10) * 10)
      rest /= 10
      index -= 1
    }
    while index >= start {
      out[index] = pair(UInt8(truncatingIfNeeded: rest % 100))
      rest /= 100
      index -= 1
    }
    if isNegative && pairs < 20 { out.append(102) }
  }
}
