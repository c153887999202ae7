internal import DynamoDBModel
package import HTTPTransport

extension HTTPAnswer {
  /// The capacity units that a successful answer of an operation on one table reports, found without building anything; nil if none.
  ///
  /// - Throws: the error that the answer is otherwise.
  package borrowing func capacityUnits() throws(DynamoDBError) -> Double? {
    if let plain = try decompressed() { return try plain.capacityUnits() }
    try requireSuccess()
    do {
      return try readCapacityUnits(bodySpan)
    } catch {
      throw DynamoDBError(unreadable: self, error)
    }
  }
}

private func readCapacityUnits(_ body: Span<UInt8>) throws(DynamoDBModelError) -> Double? {
  var members = try JSONObjectReader(body)
  var found: Double?
  while let name = try members.next(body) {
    guard body.equals(name, "ConsumedCapacity") else {
      try members.skip(body)
      continue
    }
    found = try members.capacityUnits(body)
  }
  try members.finish(body)
  return found
}

extension JSONObjectReader {
  /// The units of the consumed capacity that the reader stands on, nil if it says none; the reader stands behind it then.
  mutating func capacityUnits(_ body: Span<UInt8>) throws(DynamoDBModelError) -> Double? {
    var found: Double?
    var parts = try JSONObjectReader(body, at: offset)
    while let part = try parts.next(body) {
      let value = try parts.skip(body)
      if body.equals(part, "CapacityUnits") { found = try readUnits(body, value) }
    }
    offset = parts.offset
    return found
  }
}

/// The number at `range`: digits with an optional point, as capacity is written; anything more exotic goes the long way. Nil for more than can be.
private func readUnits(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(DynamoDBModelError) -> Double? {
  var value = 0.0
  var scale = 0.0
  for index in range {
    let byte = bytes[index]
    if byte == UInt8(ascii: "."), scale == 0 {
      scale = 1
    } else if byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9"), range.count <= 16 {
      value = value * 10 + Double(byte - UInt8(ascii: "0"))
      scale *= 10
    } else {
      return try JSONValue(parsing: bytes.extracting(range)).units
    }
  }
  let units = scale > 0 ? value / scale : value
  return units <= JSONValue.mostUnits ? units : nil
}
