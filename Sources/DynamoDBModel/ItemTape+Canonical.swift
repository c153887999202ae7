package import HTTPTransport

extension ItemTape {
  /// Appends the canonical form of the value at `index`, by default the whole item's: the bytes that `AttributeValue` has.
  package func appendCanonical(of index: Int = 0, _ bytes: Span<UInt8>, to out: inout ByteBuffer) {
    let node = nodes[index]
    out.append(node.type.rawValue)
    switch node.type {
    case .null: break
    case .bool: out.append(node.contentRange.count == 4 ? 1 : 0)
    case .string, .number, .binary: appendCanonicalContent(of: index, bytes, to: &out)
    case .list:
      let start = out.count
      out.appendCanonical(length: 0)
      var count = 0
      var child = index + 1
      while child < node.end {
        appendCanonical(of: child, bytes, to: &out)
        count += 1
        child = nodes[child].end
      }
      out.overwriteCanonical(length: count, at: start)
    case .map:
      let sorted = children(of: index).sorted { isName(of: $0, before: $1, bytes) }
      out.appendCanonical(length: sorted.count)
      for child in sorted {
        let start = out.count
        out.appendCanonical(length: 0)
        appendName(of: child, bytes, to: &out)
        out.overwriteCanonical(length: out.count - start - 4, at: start)
        appendCanonical(of: child, bytes, to: &out)
      }
    case .stringSet, .numberSet, .binarySet:
      var members = children(of: index).map { child in
        var form = ByteBuffer()
        appendCanonicalContent(of: child, bytes, to: &form)
        return [UInt8](copying: form.span)
      }
      members.sort { $0.dropFirst(4).lexicographicallyPrecedes($1.dropFirst(4)) }
      out.appendCanonical(length: members.count)
      for member in members { out.append(member.span) }
    }
  }

  /// Appends the number at `index` as the service prints it; see `DynamoDBNumber.canonicalText`.
  package func appendCanonicalNumber(of index: Int, _ bytes: Span<UInt8>, to out: inout ByteBuffer) {
    let range = nodes[index].contentRange
    if Self.isPlainInteger(bytes, range) { return out.append(bytes.extracting(range)) }
    decimal(of: index, bytes).append(to: &out)
  }

  /// True for digits alone that don't begin with a zero, and at most 38 of them: they are canonical as they are.
  internal static func isPlainInteger(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
    guard !range.isEmpty, range.count <= 38, bytes[range.lowerBound] != UInt8(ascii: "0") else { return false }
    for index in range where bytes[index] &- UInt8(ascii: "0") > 9 { return false }
    return true
  }

  private func appendCanonicalContent(of index: Int, _ bytes: Span<UInt8>, to out: inout ByteBuffer) {
    let start = out.count
    out.appendCanonical(length: 0)
    switch nodes[index].type {
    case .number: appendCanonicalNumber(of: index, bytes, to: &out)
    case .binary: appendBinary(of: index, bytes, to: &out)
    default: appendContent(of: index, bytes, to: &out)
    }
    out.overwriteCanonical(length: out.count - start - 4, at: start)
  }

  private func children(of index: Int) -> [Int] {
    var children: [Int] = []
    var child = index + 1
    while child < nodes[index].end {
      children.append(child)
      child = nodes[child].end
    }
    return children
  }

  private func isName(of left: Int, before right: Int, _ bytes: Span<UInt8>) -> Bool {
    if !nodes[left].nameEscaped && !nodes[right].nameEscaped {
      return UTF8Text.less(bytes.extracting(nodes[left].nameRange), bytes.extracting(nodes[right].nameRange))
    }
    return UTF8Text.less(name(of: left, bytes), name(of: right, bytes))
  }
}
