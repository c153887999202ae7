package import HTTPTransport

extension AttributeMap {
  /// The item on the tape, or the map at `index` of it, as values.
  ///
  /// - Parameter bytes: what the tape was read from.
  package init(_ tape: borrowing ItemTape, _ bytes: Span<UInt8>, at index: Int = 0) {
    let end = tape[index].end
    var child = index + 1
    var count = 0
    while child < end {
      count += 1
      child = tape[child].end
    }
    var entries: [Element] = []
    entries.reserveCapacity(count)
    child = index + 1
    while child < end {
      entries.append((tape.name(of: child, bytes), AttributeValue(tape, bytes, at: child)))
      child = tape[child].end
    }
    self.init(distinct: entries)
  }
}

extension AttributeValue {
  /// The value at `index` of the tape.
  ///
  /// - Parameter bytes: what the tape was read from.
  package init(_ tape: borrowing ItemTape, _ bytes: Span<UInt8>, at index: Int) {
    let node = tape[index]
    switch node.type {
    case .string: self = .string(tape.text(of: index, bytes))
    case .number: self = .number(DynamoDBNumber(validated: tape.text(of: index, bytes)))
    case .binary: self = .binary(tape.binary(of: index, bytes))
    case .bool: self = .bool(node.contentRange.count == 4)
    case .null: self = .null
    case .map: self = .map(AttributeMap(tape, bytes, at: index))
    case .list, .stringSet, .numberSet, .binarySet:
      var children: [Int] = []
      var child = index + 1
      while child < node.end {
        children.append(child)
        child = tape[child].end
      }
      switch node.type {
      case .stringSet: self = .stringSet(children.map { tape.text(of: $0, bytes) })
      case .numberSet: self = .numberSet(children.map { DynamoDBNumber(validated: tape.text(of: $0, bytes)) })
      case .binarySet: self = .binarySet(children.map { tape.binary(of: $0, bytes) })
      default: self = .list(children.map { AttributeValue(tape, bytes, at: $0) })
      }
    }
  }
}

extension ItemTape {
  /// The name of the node at `index`.
  package func name(of index: Int, _ bytes: Span<UInt8>) -> String {
    string(nodes[index].nameRange, escaped: nodes[index].nameEscaped, bytes)
  }

  /// The content of the string, number or binary (still base64) at `index`.
  package func text(of index: Int, _ bytes: Span<UInt8>) -> String {
    string(nodes[index].contentRange, escaped: nodes[index].contentEscaped, bytes)
  }

  private func string(_ range: Range<Int>, escaped: Bool, _ bytes: Span<UInt8>) -> String {
    guard escaped else { return String(copying: bytes.extracting(range)) }
    var plain = ByteBuffer(capacity: range.count)
    Self.append(range, escaped: true, bytes, to: &plain)
    return String(copying: plain.span)
  }

  fileprivate func binary(of index: Int, _ bytes: Span<UInt8>) -> [UInt8] {
    var decoded = ByteBuffer()
    appendBinary(of: index, bytes, to: &decoded)
    return [UInt8](copying: decoded.span)
  }

  /// Appends the bytes that the binary at `index` stands for.
  package func appendBinary(of index: Int, _ bytes: Span<UInt8>, to out: inout ByteBuffer) {
    let node = nodes[index]
    guard node.contentEscaped else { return Base64.appendDecoded(bytes, node.contentRange, to: &out) }
    var plain = ByteBuffer(capacity: node.contentRange.count)
    Self.appendContent(of: node, bytes, to: &plain)
    Base64.appendDecoded(plain.span, 0..<plain.count, to: &out)
  }
}
